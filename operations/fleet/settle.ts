import { SitefleetError } from "../../errors/index.ts";
import { listRuns } from "../../fleet/backend/journal/journal.ts";
import {
  beginWatch,
  recallWatch,
  type Settled,
  type SettleOptions,
  settleRun,
  staysBehind,
  takeBack,
  type Unfinished,
  unfinishedRuns,
  type Watch,
  watchedEvent,
} from "../../fleet/releases/health-gate/index.ts";
import type { ApplyOptions } from "../../fleet/run/apply.ts";
import { type FrameOptions, inRun, type RunTools } from "../../fleet/run/locked-run.ts";
import type { Session } from "../../fleet/run/session.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Watching } from "../kit/watch.ts";

/** Whether, and how, what an update changes is judged. */
export interface JudgeOptions {
  /** Ask and judge at all. @default true */
  readonly check?: boolean;
  /** Does what serves worse than before go back by itself? @default what rollout.yaml says */
  readonly rollback?: boolean;
  /** Ask the sites that are new as well. @default false */
  readonly checkNew?: boolean;
}

/** Where a judgement is told. */
export interface Told {
  readonly observer: Watching;
  emit(event: FleetEvent): void;
}

/** The runs of these stacks that have left a judgement or a way back, the newest first. @param only A run's id. */
export function leftBehind(session: Session, only?: string | true): Unfinished[] {
  return unfinishedRuns(listRuns(session.folders.runs)).filter(({ run, stacks }) =>
    typeof only === "string" ? run.run === only : stacks.some((stack) => session.choice.stacks.includes(stack)),
  );
}

/** The parts of an update that ask, judge and go back, for `applyRun`. `settled` is there once it has ended. */
export function guarded(
  session: Session,
  flags: JudgeOptions,
  told: Told,
): Required<Pick<ApplyOptions, "prepare" | "finish">> & { settled(): Settled | undefined } {
  let watch: Watch | undefined;
  let settled: Settled | undefined;
  return {
    async prepare(tools) {
      if (flags.check === false) return;
      const [carried] = leftBehind(session);
      if (carried?.left === "go-back" && flags.rollback !== false) throw goesBack(carried);
      const from = carried?.left === "judge" ? carried : undefined;
      if (from) told.emit({ event: "judging-late", run: from.run.run, now: false });
      watch = await unlessStopped(tools, () =>
        beginWatch(session, tools.sound, { carried: from, signal: tools.signal }),
      );
      if (watch === undefined || watch.affected.sites.length === 0) return;
      tools.write(watchedEvent(watch));
      await tools.flush();
      tellStays(watch, told);
    },
    async finish(tools) {
      const known = watch;
      if (known)
        settled = await unlessStopped(tools, () => settleRun(session, tools, known, settling(session, flags, told)));
    },
    settled: () => settled,
  };
}

/**
 * Goes on with what a run has left: its judgement, or its way back. Undefined when another process has done it meanwhile.
 *
 * @throws SitefleetError `run.goes-back` when it has to go back and was not asked to; those of `inRun`
 */
export async function settleLeft(
  session: Session,
  left: Unfinished,
  flags: JudgeOptions & { readonly resume: boolean },
  frame: FrameOptions & Told,
): Promise<Settled | undefined> {
  const { run } = left.run;
  const operation = left.left === "judge" ? "up" : "rollback";
  return inRun(session, left.stacks, { ...frame, run, operation }, async (tools) => {
    // The run that held the locks until now may have done it.
    const [now] = leftBehind(session, run);
    if (now === undefined) return undefined;
    const options = settling(session, flags, frame);
    if (now.left === "judge") {
      frame.emit({ event: "judging-late", run, now: true });
      return unlessStopped(tools, async () => settleRun(session, tools, await recallWatch(session, now), options));
    }
    if (!flags.resume && flags.rollback !== false) throw goesBack(now);
    return goOnBack(session, tools, now, options, flags);
  });
}

async function goOnBack(
  session: Session,
  tools: RunTools,
  { run: { judged }, stacks }: Unfinished,
  options: SettleOptions,
  { rollback }: JudgeOptions,
): Promise<Settled | undefined> {
  if (judged?.back === undefined) return undefined;
  const { back, ...rest } = judged;
  if (rollback === false) {
    // From now on no run is asked to take it back.
    const kept = { ...rest, reason: `${rest.reason}; left as it is by hand` };
    tools.write({ event: "run-judged", ...kept });
    return { judged: kept, results: [], fresh: [] };
  }
  const desired = Object.fromEntries(Object.entries(back.desired).filter(([stack]) => stacks.includes(stack)));
  const found = { ...rest, back: { ...back, desired } };
  const took = await unlessStopped(tools, () => takeBack(session, tools, found, options));
  return took && { judged: found, results: [], fresh: [], ...took };
}

function settling(session: Session, flags: JudgeOptions, { observer, emit }: Told): SettleOptions {
  return {
    rollback: flags.rollback !== false && session.inputs.catalog.rollout.rollback,
    checkNew: flags.checkNew ?? false,
    onEvent(event) {
      if (event.event === "going-back") observer.more(event.stacks);
      emit({ event: "settling", what: event });
    },
  };
}

/** Told before anything is changed: what would not go back by itself. */
function tellStays({ changes, affected }: Watch, { emit }: Told): void {
  const resources = staysBehind(changes, affected.sites).map(({ name, reason }) => ({ name, reason }));
  if (resources.length > 0) emit({ event: "stays", resources });
}

function goesBack({ run }: Unfinished): SitefleetError {
  return new SitefleetError({
    code: "run.goes-back",
    message: "what this run has changed serves worse than before, and has not gone back to the end",
    subject: run.run,
    hint: `sitefleet up --resume ${run.run} goes on with that; with --no-rollback it is left as it is`,
  });
}

/** What is thrown because of a stop is no failure. */
async function unlessStopped<Value>(tools: RunTools, work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (tools.signal?.aborted) return undefined;
    throw error;
  }
}
