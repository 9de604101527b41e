import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SitefleetError } from "../errors/index.ts";
import { listRuns, type RunRecord, readRun } from "../fleet/backend/journal/journal.ts";
import { describeHolder } from "../fleet/backend/locks/locks.ts";
import { workOfChanges, workOfDigests } from "../fleet/budget/strategy/index.ts";
import { type ChangeSet, type ReviewedStack, readChangeSet } from "../fleet/change-set/index.ts";
import type { Settled, Unfinished } from "../fleet/releases/health-gate/index.ts";
import { badReleaseError, refusedIn } from "../fleet/releases/rollback/index.ts";
import { isUnfinished, rolloutFiles } from "../fleet/releases/rollout/index.ts";
import { type AppliedRun, applyRun } from "../fleet/run/apply.ts";
import type { FrameOptions } from "../fleet/run/locked-run.ts";
import type { Session } from "../fleet/run/session.ts";
import { openRunBudget, type RunBudget } from "./budget.ts";
import type { BudgetFlags } from "./commands/budget-options.ts";
import type { Context } from "./context.ts";
import { type FleetOptions, previewOver, sessionFor, tuning, watched, withUnopened } from "./fleet.ts";
import type { FleetRun } from "./fleet-run.ts";
import type { Progress } from "./output/progress.ts";
import { sayRepair } from "./output/repair.ts";
import { say } from "./output/style.ts";
import { type AllowFlags, sayFindings } from "./preflight.ts";
import { confirmReviewed, isLive, nothingToDo, reviewedAfter, reviewedNow, withReviewed } from "./review.ts";
import { type GuardFlags, guarded, leftBehind, settleLeft } from "./settle.ts";

/** What `up` takes beyond the other options. */
export interface UpOptions extends FleetOptions, BudgetFlags, GuardFlags, AllowFlags {
  /** Seconds to wait for another run's locks. @default 120 */
  readonly lockTimeout?: number;
  /** A run's id, or true for the last one that did not end well: only what it left is done. */
  readonly resume?: string | true;
  /** Machines that are gone for certain. */
  readonly gone?: readonly string[];
  /** File of a reviewed change set: nothing else is done. */
  readonly changeSet?: string;
}

/** What an update came to. */
export interface UpRun extends FleetRun, AppliedRun {
  /** Calls through the gateway by vendor; absent when budgets are off or nothing was done. */
  readonly calls?: ReturnType<RunBudget["figures"]>;
  /** How what was changed was judged, and what went back; absent when nothing was judged. */
  readonly settled?: Settled;
  /** With a reviewed change set: what of it is live now. */
  readonly reviewed?: readonly ReviewedStack[];
}

/** Seconds to wait for another run's locks when nothing else is said. */
export const DEFAULT_LOCK_TIMEOUT = 120;

/**
 * Updates the stacks that differ from what is declared, or what an earlier run has left, within the vendors' limits.
 *
 * @param found what a preview found just now. @default that of the change set, else estimated from the digests
 */
export async function updateOver(context: Context, options: UpOptions, found?: ChangeSet["changes"]): Promise<UpRun> {
  const session = await sessionFor(context, options);
  const unfinished = options.check === false ? undefined : leftBehind(session, options.resume)[0];
  if (unfinished?.left === "go-back" && options.resume !== undefined)
    return settleOnly(context, session, unfinished, options);
  const reviewed = options.changeSet === undefined ? undefined : readChangeSet(options.changeSet);
  const { resumed, left } =
    options.resume === undefined ? {} : findRun(session.folders.runs, options.resume, session.choice.stacks);
  if (resumed)
    say(`going on with run ${resumed.run}: ${left?.length ?? 0} of ${resumed.stacks.length} stacks are left`);
  if (resumed?.aims) {
    throw new SitefleetError({
      code: "run.rollback",
      message: "this run was a rollback",
      subject: resumed.run,
      hint: `sitefleet rollback --resume ${resumed.run}`,
    });
  }
  if (resumed?.operation === "rollout") {
    throw new SitefleetError({
      code: "run.rollout",
      message: "this run was a wave of a rollout",
      subject: resumed.run,
      hint: "sitefleet rollout resume goes on with it",
    });
  }
  await warnOfRollout(session);
  const stacks = left ?? (reviewed ? withReviewed(session, reviewed) : session.open);
  if (reviewed && (await isLive(session, reviewed))) return nothingToDo(session, await reviewedNow(session, reviewed));
  if (unfinished && stacks.length === 0) return settleOnly(context, session, unfinished, options);
  const refused = await refusedIn(session, stacks);
  if (refused.length > 0) throw badReleaseError(refused);
  const planDir = reviewed && mkdtempSync(join(tmpdir(), "sitefleet-plans-"));
  let previewed: FleetRun | undefined;
  const confirm = async (open: readonly string[]) => {
    const preview = async (plans: ReadonlyMap<string, string>) => {
      previewed = await previewOver(context, options, { ...session, open }, plans);
      return previewed;
    };
    return confirmReviewed(preview, { ...session, open }, reviewed as ChangeSet, planDir as string);
  };
  const changes = reviewed?.changes ?? found;
  const work = changes
    ? workOfChanges(session.inputs.catalog, changes)
    : await workOfDigests({ ...session, open: stacks });
  const run = await watched(stacks.length, async (observer, signal) => {
    const budget =
      stacks.length > 0 ? await openRunBudget(context, session, work, stacks, { ...options, signal }) : undefined;
    const guard = guarded(session, options, observer);
    return applyRun(session, {
      ...frameOf(options, observer, signal),
      stacks: budget?.order ?? stacks,
      ...(options.refresh ? { refresh: true } : {}),
      ...(budget ? { budget: budget.hooks } : {}),
      ...(resumed ? { resumes: resumed.run } : {}),
      ...(reviewed ? { confirm } : {}),
      onWidened: (some) => observer.more(some.length),
      preflight: {
        rules: { allow: options.allow ?? [] },
        steps: () => stepsOf(previewed) ?? stepsOfChanges(stacks, found),
        onFindings: sayFindings,
      },
      async prepare(tools) {
        // While this run waited for its locks somebody may have found a release bad.
        const bad = await refusedIn(session, tools.sound);
        if (bad.length > 0) throw badReleaseError(bad);
        await guard.prepare(tools);
      },
      finish: guard.finish,
    })
      .then((result) => ({
        ...result,
        ...settledPart(guard.settled()),
        ...(budget ? { calls: budget.figures() } : {}),
      }))
      .finally(() => budget?.close());
  }).finally(() => planDir && rmSync(planDir, { recursive: true, force: true }));
  const about = reviewed ? { reviewed: reviewedAfter(reviewed, run) } : {};
  return { ...run, ...withUnopened({ ...session, open: stacks }, run), ...about };
}

/** What a preview under the locks has found, for the preflight. */
function stepsOf(run: FleetRun | undefined) {
  return run && new Map(run.results.filter(({ ok }) => ok).map(({ stack, steps }) => [stack, steps]));
}

/** What somebody has just agreed to, for the preflight: without changes nothing was previewed. */
function stepsOfChanges(stacks: readonly string[], changes: ChangeSet["changes"] | undefined) {
  if (!changes?.length) return undefined;
  return new Map(stacks.map((stack) => [stack, changes.filter((change) => change.stack === stack)]));
}

/** How a run is carried out, as the options say. */
function frameOf(options: UpOptions, observer: Progress, signal: AbortSignal): FrameOptions & { observer: Progress } {
  const { concurrency, parallel } = tuning(options);
  return {
    concurrency,
    ...(parallel === undefined ? {} : { parallel }),
    lockWaitMs: (options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT) * 1000,
    onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
    onRepair: sayRepair,
    onNotice: say,
    observer,
    signal,
    ...(options.gone ? { gone: options.gone } : {}),
  };
}

const settledPart = (settled: Settled | undefined) => (settled ? { settled } : {});

/** Judges what an earlier run has changed, or takes it back: there is nothing to update. */
export async function settleOnly(
  context: Context,
  session: Session,
  left: Unfinished,
  options: UpOptions,
): Promise<UpRun> {
  const { stacks } = left;
  const started = Date.now();
  const settled = await watched(0, async (observer, signal) => {
    const work = {
      stacks,
      known: new Map(stacks.map((stack) => [stack, { steps: [] }])),
      hosts: [],
      live: 0,
      notes: [],
    };
    const budget = await openRunBudget(context, session, work, stacks, { ...options, signal });
    const frame = { ...frameOf(options, observer, signal), ...(budget ? { budget: budget.hooks } : {}) };
    const flags = { ...options, resume: options.resume !== undefined };
    return settleLeft(session, left, flags, frame).finally(() => budget?.close());
  });
  const run = { run: left.run.run, results: [], skipped: [], milliseconds: Date.now() - started };
  return { ...run, ...settledPart(settled), ...withUnopened({ ...session, open: [] }, run) };
}

/** An update brings at once what a rollout brings wave by wave: somebody may have forgotten that one is under way. */
async function warnOfRollout({ folders, store }: Pick<Session, "folders" | "store">): Promise<void> {
  const files = rolloutFiles(folders.state, store);
  const [id] = await files.list();
  const latest = id === undefined ? undefined : await files.read(id);
  if (latest && isUnfinished(latest))
    say(`rollout ${latest.id} is not over (${latest.status}); this update does not wait for it`);
}

/**
 * The run that `--resume` is about, and which of the chosen stacks it left: not done by it nor by a later one. Where many
 * jobs share a backend, the last run of all may be about other stacks.
 *
 * @throws SitefleetError `run.unknown`
 */
function findRun(dir: string, resume: string | true, chosen: readonly string[]) {
  const doneLater = new Set<string>();
  const leftBy = ({ stacks, done }: RunRecord) =>
    chosen.filter((stack) => stacks.includes(stack) && !done.includes(stack) && !doneLater.has(stack));
  const runs = listRuns(dir);
  if (resume !== true) {
    const resumed = readRun(dir, resume);
    for (const { run, done } of runs) if (run > resume) for (const stack of done) doneLater.add(stack);
    return { resumed, left: leftBy(resumed) };
  }
  for (const resumed of runs) {
    const left = leftBy(resumed);
    if (left.length > 0) return { resumed, left };
    for (const stack of resumed.done) doneLater.add(stack);
  }
  const [last] = runs;
  if (last) return { resumed: last, left: [] };
  throw new SitefleetError({
    code: "run.unknown",
    message: "there is no earlier run to go on with",
    hint: "run sitefleet up",
  });
}
