import { environment } from "../../environment/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import type { SiteTargets } from "../../stacks/site-targets.ts";
import { shareIndex } from "../backend/index/shared-index.ts";
import { type JournalEvent, newRunId, type RunRecord } from "../backend/journal/journal.ts";
import type { JobResult } from "../engine/job.ts";
import { readStacks } from "../engine/read-stacks.ts";
import { type FrameOptions, inRun, type RunTools } from "./locked-run.ts";
import { type Parts, type Settled, settledOf, stillKnown } from "./parts.ts";
import type { FoundStep } from "./preflight/facts.ts";
import { clearRun, type Finding, type Rules, refuseEarly, whoRuns } from "./preflight/index.ts";
import { requireShared } from "./require-shared.ts";
import { type RunResult, runFleet } from "./run.ts";
import type { Session } from "./session.ts";
import { remember } from "./survey.ts";
import { idsBefore, type Widened, widen } from "./widen.ts";

/** Options of {@link applyRun}. */
export interface ApplyOptions extends FrameOptions {
  /** Stacks to update, in order. @default the session's open ones */
  readonly stacks?: readonly string[];
  readonly refresh?: boolean;
  /** A rollback: what stacks are to be in place of what the catalog says, and where it came from. @default the catalog's */
  readonly rollback?: {
    readonly desired: ReadonlyMap<string, StackState>;
    /** Cells of which only some sites differ. @default none */
    readonly siteTargets?: ReadonlyMap<string, SiteTargets>;
    readonly aims: NonNullable<RunRecord["aims"]>;
  };
  /** What stacks are to be for now, in place of what the catalog says: a wave of a rollout. @default the catalog's */
  readonly desired?: ReadonlyMap<string, StackState>;
  /** Cells of which only some sites differ from what the catalog says, by the session. @default all of each is updated */
  readonly parts?: Parts | undefined;
  /** In a word, for journals and locks. @default "rollback" with `rollback`, else "up" */
  readonly operation?: "rollout";
  /** One resource that fails does not keep the others of its stack from being updated. @default only with `rollback` */
  readonly keepGoing?: boolean;
  /** Only what belongs to these services of the Plesk stack; then the stack is not remembered as being as declared. @default everything */
  readonly services?: readonly string[];
  /** Run that this one goes on with. */
  readonly resumes?: string;
  /**
   * Called when the locks are held and before anything is changed; may refuse by throwing. Returns the engine's plans by
   * stack, which the update is held to. @default none
   */
  readonly confirm?: (stacks: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** What the preflight is told; every run has one. */
  readonly preflight: {
    readonly rules: Rules;
    /** What previews of this run have found, asked after `confirm`. @default none was made */
    readonly steps?: () => ReadonlyMap<string, readonly FoundStep[]> | undefined;
    /** Told what it found, unless it refused. */
    readonly onFindings?: (findings: readonly Finding[]) => void;
  };
  /** Called after that, still before anything is changed; may refuse by throwing. @default nothing */
  readonly prepare?: (tools: RunTools) => Promise<void>;
  /** Told which further stacks the shared one's update has made part of the run. @default nothing */
  readonly onWidened?: (stacks: readonly string[]) => void;
  /** Called when the updates have ended and the run was not stopped, with the locks still held. @default nothing */
  readonly finish?: (tools: RunTools) => Promise<void>;
}

/** A run with its id. */
export interface AppliedRun extends RunResult {
  readonly run: string;
  /** Stacks that use what the shared one's update has changed, and that were not asked for. @default none */
  readonly touched?: readonly string[];
}

/**
 * Updates stacks inside a run (see `inRun`) and remembers what is as declared now. Before anything is called the preflight
 * judges the run as a whole. When the shared stack's update changes what others use, these are updated with it.
 *
 * @throws SitefleetError `shared.missing`, `preflight.refused` and those of `inRun`
 */
export async function applyRun(session: Session, options: ApplyOptions): Promise<AppliedRun> {
  const stacks = options.stacks ?? session.open;
  const run = newRunId();
  if (stacks.length === 0) return { run, results: [], skipped: [], milliseconds: 0 };
  await requireShared(session, stacks);
  const operation = options.operation ?? (options.rollback ? "rollback" : "up");
  const desired = options.rollback?.desired ?? options.desired;
  const aims = options.rollback?.aims.map(({ hosts, ...aim }) => ({ ...aim, hosts: hosts ? [...hosts] : undefined }));
  const first = { aims, resumes: options.resumes };
  const look = { rules: options.preflight.rules, desired, services: options.services };
  await refuseEarly(session, { ...look, stacks });
  let waited = false;
  const onWait: FrameOptions["onWait"] = (stack, holder) => {
    waited = true;
    options.onWait?.(stack, holder);
  };
  return inRun(session, stacks, { ...options, onWait, run, operation, first }, async (tools) => {
    const { signal, refused, observer } = tools;
    const plans = await options.confirm?.(tools.sound);
    const common = {
      existing: new Set(session.infos.keys()),
      retired: session.choice.retired,
      catalogDir: session.catalogDir,
      inputs: session.inputs,
      configFile: session.configFile,
      concurrency: options.concurrency,
      parallel: options.parallel,
      services: options.services,
      pool: tools.pool,
      signal,
    };
    const now = await knownNow(session, options);
    const siteTargets = options.rollback?.siteTargets ?? now.parts;
    const steps = options.preflight.steps?.();
    const { findings, failed } = await clearRun(
      session,
      { ...look, stacks: tools.sound, steps, stale: waited },
      (some) =>
        runFleet({
          ...common,
          operation: "preview",
          stacks: some,
          desired,
          siteTargets,
          settled: now.settled,
        }),
    );
    tools.write(preflightEvent(options.preflight.rules, findings));
    options.preflight.onFindings?.(findings);
    const { sound, unsound } = await withoutFailed(tools, failed);
    await options.prepare?.({ ...tools, sound });
    const before = await idsBefore(session, sound);
    const brought = new Map(desired);
    let widened: Widened | undefined;
    const updated = await runFleet({
      ...common,
      operation: "up",
      plans,
      stacks: sound,
      refresh: options.refresh,
      // One site that cannot go back must not keep the others from it.
      keepGoing: options.rollback || options.keepGoing ? true : undefined,
      desired: brought,
      // What went back is compared with what it was.
      tellStates: options.rollback ? true : undefined,
      siteTargets,
      settled: now.settled,
      ...options.budget,
      observer,
      async afterShared(result) {
        widened = await widen(session, tools, { before, result, stacks });
        for (const [stack, state] of widened.states) brought.set(stack, state);
        options.onWidened?.([...widened.states.keys()]);
        return [...widened.states.keys()];
      },
    });
    const result = {
      ...updated,
      results: [...failed, ...updated.results],
      skipped: [...unsound, ...updated.skipped, ...(widened?.skipped ?? [])],
    };
    // Of some stacks only a part was updated. It is not known whether their rest is as the present program declares it.
    const gone = result.results.filter(({ stack }) => !options.rollback?.siteTargets?.has(stack));
    const remembered = options.services === undefined && (await rememberDone(session, gone, brought));
    const skipped = [...result.skipped, ...[...refused].map(([stack, reason]) => ({ stack, reason }))];
    const ok = skipped.length === 0 && result.results.every((one) => one.ok);
    tools.write({ event: "run-ended", ok, reason: signal?.aborted ? "stopped" : undefined });
    // What the journal lacks in the store is handed in later.
    if (session.store && remembered)
      await Promise.all([shareIndex(session.store, session.folders.state), tools.flush().catch(() => {})]);
    if (!signal?.aborted) await options.finish?.(tools);
    const touched = widened?.left ?? [];
    return { run, ...result, skipped, touched: touched.length > 0 ? touched : undefined };
  });
}

/** What was known of stacks, as far as it still holds once the locks are held: another run may have worked on one since the session was opened. */
async function knownNow(
  session: Session,
  { parts, stacks, rollback }: Pick<ApplyOptions, "parts" | "stacks" | "rollback">,
): Promise<{ readonly parts?: Parts; readonly settled?: Settled }> {
  // What goes back differs, and is in a hurry: another question to the backend is worth more than what it would save.
  if (rollback) return {};
  const chosen = new Set(stacks ?? session.open);
  const settled = new Map([...settledOf(session)].filter(([stack]) => chosen.has(stack)));
  if (!parts?.size && settled.size === 0) return {};
  const { infos } = session;
  const now = await readStacks(environment(), Promise.resolve(infos));
  return { settled: stillKnown(settled, infos, now), ...(parts?.size ? { parts: stillKnown(parts, infos, now) } : {}) };
}

/** What the journal says of the preflight: also who lifted what. */
function preflightEvent({ allow, why }: Rules, findings: readonly Finding[]): JournalEvent {
  const told = findings.map(({ rule, scope, sentence, lifted }) => ({
    rule,
    scope,
    sentence,
    lifted: lifted || undefined,
  }));
  return { event: "preflight", by: whoRuns(), allowed: [...allow], why, findings: told };
}

/** A stack whose preview failed is not updated, since it is not known what that would take away. */
async function withoutFailed({ sound, observer }: RunTools, failed: readonly JobResult[]) {
  for (const result of failed) {
    await observer.started?.(result.stack);
    observer.ended?.(result);
  }
  const names = new Set(failed.map(({ stack }) => stack));
  const left = sound.filter((stack) => !names.has(stack));
  if (!names.has(SHARED_STACK)) return { sound: left, unsound: [] };
  return { sound: [], unsound: left.map((stack) => ({ stack, reason: `stack ${SHARED_STACK} failed` })) };
}

/**
 * Remembers what stacks are now. After a rollback, or between two waves, that differs from the declaration. The next preview shows
 * the difference and need not ask the stacks for it.
 *
 * @returns whether there is something of it, on this machine
 */
async function rememberDone(
  session: Session,
  results: readonly JobResult[],
  desired: ReadonlyMap<string, StackState> | undefined,
): Promise<boolean> {
  const stacks = results.filter(({ ok, stack }) => ok && !session.choice.retired.has(stack)).map(({ stack }) => stack);
  if (stacks.length === 0) return false;
  const { configFile, folders } = session;
  const inputs = {
    ...session.inputs,
    state: async (stack: string) => desired?.get(stack) ?? session.inputs.state(stack),
  };
  // Of a state that still is the one that is known nothing is read.
  const left = new Map(results.flatMap(({ info }) => (info ? [[info.name, info] as const] : [])));
  const now = await readStacks(environment(), Promise.resolve(new Map([...session.infos, ...left])));
  const infos = new Map([...now].map(([stack, info]) => [stack, { ...info, content: left.get(stack)?.content }]));
  await remember({ stacks, infos, inputs, configFile, dir: folders.state });
  return true;
}
