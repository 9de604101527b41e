import { SitefleetError } from "../errors/index.ts";
import { listRuns } from "../fleet/backend/journal/journal.ts";
import {
  beginWatch,
  recallWatch,
  type Settled,
  type SettleEvent,
  type SettleOptions,
  settleRun,
  staysBehind,
  takeBack,
  type Unfinished,
  unfinishedRuns,
  type Watch,
  watchedEvent,
} from "../fleet/releases/health-gate/index.ts";
import type { ApplyOptions } from "../fleet/run/apply.ts";
import { type FrameOptions, inRun, type RunTools } from "../fleet/run/locked-run.ts";
import type { Session } from "../fleet/run/session.ts";
import type { Progress } from "./output/progress.ts";
import { plural, say } from "./output/style.ts";

/** Whether, and how, what an update changes is judged. */
export interface GuardFlags {
  /** Ask and judge at all. @default true */
  readonly check?: boolean;
  /** Does what serves worse than before go back by itself? @default what rollout.yaml says */
  readonly rollback?: boolean;
  /** Ask the sites that are new as well. @default false */
  readonly checkNew?: boolean;
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
  flags: GuardFlags,
  progress: Progress,
): Required<Pick<ApplyOptions, "prepare" | "finish">> & { settled(): Settled | undefined } {
  let watch: Watch | undefined;
  let settled: Settled | undefined;
  return {
    async prepare(tools) {
      if (flags.check === false) return;
      const [carried] = leftBehind(session);
      if (carried?.left === "go-back" && flags.rollback !== false) throw goesBack(carried);
      const from = carried?.left === "judge" ? carried : undefined;
      if (from) say(`what run ${from.run.run} has changed was not judged: that is done with this one`);
      watch = await unlessStopped(tools, () =>
        beginWatch(session, tools.sound, { carried: from, ...(tools.signal ? { signal: tools.signal } : {}) }),
      );
      if (watch === undefined || watch.affected.sites.length === 0) return;
      tools.write(watchedEvent(watch));
      await tools.flush();
      sayStays(watch);
    },
    async finish(tools) {
      const known = watch;
      if (known)
        settled = await unlessStopped(tools, () =>
          settleRun(session, tools, known, settling(session, flags, progress)),
        );
    },
    settled: () => settled,
  };
}

/**
 * Goes on with what a run has left: its judgement, or its way back. Undefined when another process has done it meanwhile.
 *
 * @throws SitefleetError `run.goes-back` when it has to go back and nobody has asked for that; those of `inRun`
 */
export async function settleLeft(
  session: Session,
  left: Unfinished,
  flags: GuardFlags & { readonly resume: boolean },
  frame: FrameOptions & { readonly observer: Progress },
): Promise<Settled | undefined> {
  const { run } = left.run;
  const operation = left.left === "judge" ? "up" : "rollback";
  return inRun(session, left.stacks, { ...frame, run, operation }, async (tools) => {
    // Whoever held the locks until now may have been at it.
    const [now] = leftBehind(session, run);
    if (now === undefined) return undefined;
    const options = settling(session, flags, frame.observer);
    if (now.left === "judge") {
      say(`what run ${run} has changed is judged now`);
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
  { rollback }: GuardFlags,
): Promise<Settled | undefined> {
  if (judged?.back === undefined) return undefined;
  const { back, ...rest } = judged;
  if (rollback === false) {
    // From now on nobody is asked to take it back.
    const kept = { ...rest, reason: `${rest.reason}; left as it is by hand` };
    tools.write({ event: "run-judged", ...kept });
    return { judged: kept, results: [], fresh: [] };
  }
  const desired = Object.fromEntries(Object.entries(back.desired).filter(([stack]) => stacks.includes(stack)));
  const found = { ...rest, back: { ...back, desired } };
  const took = await unlessStopped(tools, () => takeBack(session, tools, found, options));
  return took && { judged: found, results: [], fresh: [], ...took };
}

function settling(session: Session, flags: GuardFlags, progress: Progress): SettleOptions {
  return {
    rollback: flags.rollback !== false && session.inputs.catalog.rollout.rollback,
    checkNew: flags.checkNew ?? false,
    onEvent(event) {
      if (event.event === "going-back") progress.more(event.stacks);
      const line = lineOf(event);
      if (line !== undefined) say(line);
    },
  };
}

function lineOf(event: SettleEvent): string | undefined {
  switch (event.event) {
    case "asking":
      return `asking ${plural(event.sites, "site")} that changed`;
    case "going-back":
      return `${plural(event.sites, "site")} in ${plural(event.stacks, "stack")} go back to what they were`;
    case "run-judged": {
      const kept = event.evidence === undefined ? "" : ` (${event.evidence})`;
      return event.verdict === "pass" && kept === "" ? undefined : `${event.verdict}: ${event.reason}${kept}`;
    }
    case "escalated":
      return `ESCALATED: ${event.reason}; ${event.done}`;
    case "run-went-back":
      return undefined;
  }
}

/** Said before anything is changed: what would not go back by itself. */
function sayStays({ changes, affected }: Watch): void {
  const stays = staysBehind(changes, affected.sites);
  for (const { name, reason } of stays.slice(0, 5)) say(`${name} would not go back by itself: ${reason}`);
  if (stays.length > 5) say(`… and ${stays.length - 5} more`);
}

function goesBack({ run }: Unfinished): SitefleetError {
  return new SitefleetError({
    code: "run.goes-back",
    message: "what this run has changed serves worse than before, and has not gone back to the end",
    subject: run.run,
    hint: `sitefleet up --resume ${run.run} goes on with that; with --no-rollback it is left as it is`,
  });
}

/** What is thrown because of a stop is nobody's failure. */
async function unlessStopped<Value>(tools: RunTools, work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (tools.signal?.aborted) return undefined;
    throw error;
  }
}
