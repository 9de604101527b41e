import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { workOfChanges, workOfDigests } from "../../fleet/budget/strategy/index.ts";
import { type ChangeSet, type ReviewedStack, readChangeSet } from "../../fleet/change-set/index.ts";
import type { Settled, Unfinished } from "../../fleet/releases/health-gate/index.ts";
import { badReleaseError, refusedIn } from "../../fleet/releases/rollback/index.ts";
import { isUnfinished, rolloutFiles } from "../../fleet/releases/rollout/index.ts";
import { type AppliedRun, applyRun } from "../../fleet/run/apply.ts";
import type { FrameOptions } from "../../fleet/run/locked-run.ts";
import { deriveEarly } from "../../fleet/run/needs/index.ts";
import { areParts, partsOf } from "../../fleet/run/parts.ts";
import type { Session } from "../../fleet/run/session.ts";
import { succeeded } from "../../fleet/run/summary.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { AllowInput, BudgetInput, FleetInput } from "../kit/fields.ts";
import type { Tools } from "../kit/operation.ts";
import { lockedFrame, overStacks } from "../kit/watch.ts";
import type { FleetRun } from "./fleet-run.ts";
import { trustWhole } from "./gate.ts";
import { policyOf } from "./gate-facts.ts";
import { gateRun } from "./gate-run.ts";
import { previewOver, sessionFor, startedEarly, tuning, withUnopened } from "./over.ts";
import { findRun } from "./resumed.ts";
import { confirmReviewed, isLive, nothingToDo, reviewedAfter, reviewedNow, withReviewed } from "./review.ts";
import { openRunBudget, type RunBudget } from "./run-budget.ts";
import { guarded, type JudgeOptions, leftBehind, settleLeft, type Told } from "./settle.ts";

/** What `up` takes beyond the other options. */
export interface UpOptions extends FleetInput, BudgetInput, JudgeOptions, AllowInput {
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

/**
 * Updates the stacks that differ from what is declared, or what an earlier run has left, within the vendors' limits.
 *
 * @param found what a preview found just now. @default that of the change set, else estimated from the digests
 */
export async function updateOver(
  tools: Tools<FleetEvent>,
  options: UpOptions,
  found?: ChangeSet["changes"],
): Promise<UpRun> {
  const warm = startedEarly(tools.estate, options);
  return update(tools, options, found, warm).finally(() => warm?.close());
}

async function update(
  tools: Tools<FleetEvent>,
  options: UpOptions,
  found: ChangeSet["changes"] | undefined,
  warm: FrameOptions["warm"],
): Promise<UpRun> {
  const { estate, emit } = tools;
  const session = await sessionFor(estate, options);
  if (session.open.length > 0) deriveEarly(session, session.open);
  const unfinished = options.check === false ? undefined : leftBehind(session, options.resume)[0];
  if (unfinished?.left === "go-back" && options.resume !== undefined)
    return settleOnly(tools, session, unfinished, options);
  const reviewed = options.changeSet === undefined ? undefined : readChangeSet(options.changeSet);
  const { resumed, left } =
    options.resume === undefined ? {} : findRun(session.folders.runs, options.resume, session.choice.stacks);
  if (resumed) emit({ event: "resumed", run: resumed.run, left: left?.length ?? 0, stacks: resumed.stacks.length });
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
  if (resumed?.operation === "adopt") {
    throw new SitefleetError({
      code: "run.adoption",
      message: "this run was an adoption",
      subject: resumed.run,
      hint: "sitefleet adopt apply goes on with it",
    });
  }
  const stacks = left ?? (reviewed ? withReviewed(session, reviewed) : session.open);
  // In a bucket or table each of these is a question of its own. What is wrong with the policy the gates tell.
  const policy = stacks.length > 0 ? policyOf(session) : undefined;
  policy?.catch(() => {});
  const [refused] = await Promise.all([refusedIn(session, stacks), warnOfRollout(session, emit)]);
  if (reviewed && (await isLive(session, reviewed))) return nothingToDo(session, await reviewedNow(session, reviewed));
  if (unfinished && stacks.length === 0) return settleOnly(tools, session, unfinished, options);
  if (refused.length > 0) throw badReleaseError(refused);
  const approvable = { ...session, open: stacks };
  const gate = await gateRun({
    session: approvable,
    operation: "up",
    stacks,
    input: options,
    reviewed,
    continues: resumed?.run,
    policy,
    preview: () => previewOver(tools, options, approvable),
    emit,
  });
  const exactly = reviewed ?? gate?.judged;
  const planDir = exactly && mkdtempSync(join(tmpdir(), "sitefleet-plans-"));
  let previewed: FleetRun | undefined;
  const confirm = async (open: readonly string[]) => {
    const preview = async (plans: ReadonlyMap<string, string>) => {
      previewed = await previewOver(tools, options, { ...session, open }, { plans });
      return previewed;
    };
    emit({ event: "reviewing" });
    return confirmReviewed(preview, { ...session, open }, exactly as ChangeSet, planDir as string);
  };
  const changes = exactly?.changes ?? found;
  const work = changes
    ? workOfChanges(session.inputs.catalog, changes)
    : await workOfDigests({ ...session, open: stacks });
  // A plan is held to as a whole, so it is made of the whole.
  const parts = exactly ? undefined : await partsOf(session, stacks);
  const run = await overStacks(tools, stacks.length, async (observer, signal) => {
    const budget =
      stacks.length > 0 ? await openRunBudget(tools, session, work, stacks, { ...options, signal }) : undefined;
    const guard = guarded(session, options, { observer, emit });
    return applyRun(session, {
      ...frameOf(options, { observer, emit }, signal, parts && areParts(stacks, parts)),
      warm,
      parts,
      stacks: budget?.order ?? stacks,
      refresh: options.refresh,
      ...(budget ? { budget: budget.hooks } : {}),
      resumes: resumed?.run,
      confirm: exactly ? confirm : undefined,
      onWidened: (some) => observer.more(some.length),
      preflight: {
        rules: { allow: options.allow ?? [], why: options.why },
        steps: () => stepsOf(previewed) ?? stepsOfChanges(stacks, found),
        onFindings: (findings) => emit({ event: "findings", findings: [...findings] }),
      },
      async prepare(tools) {
        // While this run waited for its locks a release may have been found bad.
        const bad = await refusedIn(session, tools.sound);
        if (bad.length > 0) throw badReleaseError(bad);
        await gate?.clearance.begin(tools.run);
        await guard.prepare(tools);
      },
      finish: guard.finish,
    })
      .then((result) => ({
        ...result,
        ...settledPart(guard.settled()),
        calls: budget?.figures(),
      }))
      .finally(() => budget?.close());
  }).finally(() => planDir && rmSync(planDir, { recursive: true, force: true }));
  if (isWhole(options) && succeeded(run)) await (gate ? gate.clearance.whole(run.run) : trustWhole(session, run.run));
  const about = reviewed ? { reviewed: reviewedAfter(reviewed, run) } : {};
  return { ...run, ...withUnopened({ ...session, open: stacks }, run), ...about };
}

/** Whether a run was about the whole estate: then what the commit declares is carried out. */
const isWhole = ({ stack, cell, except, resume }: UpOptions): boolean =>
  !stack?.length && !cell?.length && !except?.length && resume === undefined;

/** What a preview under the locks has found, for the preflight. */
function stepsOf(run: FleetRun | undefined) {
  return run && new Map(run.results.filter(({ ok }) => ok).map(({ stack, steps }) => [stack, steps]));
}

/** What a person has just agreed to, for the preflight: without changes nothing was previewed. */
function stepsOfChanges(stacks: readonly string[], changes: ChangeSet["changes"] | undefined) {
  if (!changes?.length) return undefined;
  return new Map(stacks.map((stack) => [stack, changes.filter((change) => change.stack === stack)]));
}

/** How a run is carried out, as the options say. */
function frameOf(options: UpOptions, told: Told, signal: AbortSignal, small = false): FrameOptions & Told {
  const { concurrency, parallel } = tuning(options, small);
  return {
    concurrency,
    parallel,
    ...lockedFrame(told.emit, options.lockTimeout),
    ...told,
    signal,
    gone: options.gone,
  };
}

const settledPart = (settled: Settled | undefined) => (settled ? { settled } : {});

/** Judges what an earlier run has changed, or takes it back: there is nothing to update. */
async function settleOnly(
  tools: Tools<FleetEvent>,
  session: Session,
  left: Unfinished,
  options: UpOptions,
): Promise<UpRun> {
  const { stacks } = left;
  const { emit } = tools;
  const started = Date.now();
  const settled = await overStacks(tools, 0, async (observer, signal) => {
    const work = {
      stacks,
      known: new Map(stacks.map((stack) => [stack, { steps: [] }])),
      hosts: [],
      live: 0,
      notes: [],
    };
    const budget = await openRunBudget(tools, session, work, stacks, { ...options, signal });
    const frame = { ...frameOf(options, { observer, emit }, signal), ...(budget ? { budget: budget.hooks } : {}) };
    const flags = { ...options, resume: options.resume !== undefined };
    return settleLeft(session, left, flags, frame).finally(() => budget?.close());
  });
  const run = { run: left.run.run, results: [], skipped: [], milliseconds: Date.now() - started };
  return { ...run, ...settledPart(settled), ...withUnopened({ ...session, open: [] }, run) };
}

/** An update brings at once what a rollout brings wave by wave. A person may have forgotten that one is under way. */
async function warnOfRollout(
  { folders, store }: Pick<Session, "folders" | "store">,
  emit: (event: FleetEvent) => void,
): Promise<void> {
  const files = rolloutFiles(folders.state, store);
  const [id] = await files.list();
  const latest = id === undefined ? undefined : await files.read(id);
  if (latest && isUnfinished(latest)) emit({ event: "rollout-unfinished", rollout: latest.id, status: latest.status });
}
