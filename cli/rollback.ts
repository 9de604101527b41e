import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import { describeError, SitefleetError } from "../errors/index.ts";
import { listRuns, type RunRecord, readRun } from "../fleet/backend/journal/journal.ts";
import { describeHolder } from "../fleet/backend/locks/locks.ts";
import { inspectStates } from "../fleet/backend/states/inspect.ts";
import { checkSites, type HealthResult } from "../fleet/health/index.ts";
import {
  answersAsLosses,
  badReleases,
  builtAnew,
  formerStacks,
  type Goal,
  type Left,
  type Loss,
  lastChange,
  lookForDeployments,
  lossesOf,
  type PlannedStack,
  planStack,
  questionsOf,
  type RollbackAim,
  readState,
  releasesLeft,
  rollbackAims,
  sitesToCheck,
  stackVersions,
} from "../fleet/releases/rollback/index.ts";
import { asRun, isUnfinished, rolloutFiles } from "../fleet/releases/rollout/index.ts";
import { leaveReleases } from "../fleet/releases/step/index.ts";
import { type AppliedRun, applyRun } from "../fleet/run/apply.ts";
import { checkNeeds } from "../fleet/run/needs/index.ts";
import { runFleet } from "../fleet/run/run.ts";
import type { WarmStart } from "../fleet/run/runner/warm.ts";
import { openSession, type Session } from "../fleet/run/session.ts";
import type { FleetRun } from "../operations/fleet/fleet-run.ts";
import { tuning, withUnopened } from "../operations/fleet/over.ts";
import { openRunBudget } from "../operations/fleet/run-budget.ts";
import { DEFAULT_LOCK_TIMEOUT } from "../operations/kit/fields.ts";
import type { SitePart } from "../stacks/site-targets.ts";
import type { Context } from "./context.ts";
import { sayRepair } from "./output/repair.ts";
import { say } from "./output/style.ts";
import { sayFindings } from "./preflight.ts";
import { type FleetOptions, tell, watched } from "./watched.ts";

/** Options of `sitefleet rollback`. */
export interface RollbackOptions extends FleetOptions {
  readonly site?: readonly string[];
  readonly run?: string;
  readonly to?: number;
  /** A run of `rollback` to go on with. */
  readonly resume?: string;
  readonly lockTimeout?: number;
  readonly reason?: string;
  /** What has been started already. @default none */
  readonly warm?: WarmStart;
}

/** A rollback that is worked out and not begun. */
export interface PlannedRollback {
  readonly session: Session;
  readonly targets: readonly PlannedStack[];
  readonly aims: readonly Goal[];
  readonly losses: readonly Loss[];
  /** Stacks that have nothing to go back to, and why. */
  readonly left: readonly Left[];
}

/**
 * Stacks at once when nothing else is said. A promotion is mostly waiting for one answer after the other, so that more
 * engines than in an update find a processor free.
 */
export const ROLLBACK_CONCURRENCY = Math.max(4, availableParallelism() * 3);

/** Histories that are read at once. */
const HISTORIES_AT_ONCE = 8;

/** Runners that are worth starting before it is known which stacks go back. */
export function runnersFor({ site, stack, run, resume, concurrency }: RollbackOptions): number {
  const atOnce = concurrency ?? ROLLBACK_CONCURRENCY;
  return run !== undefined || resume !== undefined ? atOnce : Math.min(atOnce, (site ?? stack ?? [""]).length);
}

/**
 * Finds out what goes back to which version. Reads only.
 *
 * @throws SitefleetError `usage`, `run.unknown`, `rollback.none`, `rollback.version`, `site.unknown`
 */
export async function planRollback(context: Context, options: RollbackOptions): Promise<PlannedRollback> {
  const { catalogDir, configFile } = context;
  const session = await openSession({ catalogDir, configFile, all: true, inspect: false });
  const aims = await aimsOf(session, options);
  const past = { runs: listRuns(session.folders.runs), bad: await badReleases(session.folders.state) };
  const byStack = Map.groupBy(aims, ({ stack }) => stack);
  const faults = await inspectStates(byStack.keys());
  const limit = pLimit(HISTORIES_AT_ONCE);
  const found = await Promise.all(
    [...byStack].map(([stack, own]) =>
      limit(() => {
        const fault = faults.get(stack);
        if (fault) return { left: [{ stack, reason: describeError(fault.error) }] };
        if (session.infos.has(stack)) return planStack(stack, own, past, byStack.size === 1);
        return { left: [{ stack, reason: "there is no such stack now" }] };
      }),
    ),
  );
  const targets = found.flatMap((one) => ("planned" in one && one.planned ? [one.planned] : []));
  return {
    session: { ...session, open: targets.map(({ stack }) => stack) },
    targets,
    aims: targets.flatMap(({ goals }) => goals),
    losses: targets.flatMap(lossesOf),
    left: found.flatMap(({ left }) => left),
  };
}

/**
 * Asks Vercel whether the rollback's targets are still there.
 *
 * @returns what is not as one would wish
 */
export async function lookBefore({ targets }: PlannedRollback): Promise<Loss[]> {
  const questions = targets.flatMap((target) => questionsOf(target, target.resources));
  return answersAsLosses(questions, await lookForDeployments(questions));
}

/**
 * A run, or a rollout as one.
 *
 * @throws SitefleetError `run.unknown`, `rollout.unfinished`
 */
async function runOf({ folders, store }: Session, id: string): Promise<RunRecord> {
  const runs = listRuns(folders.runs);
  const record = runs.some(({ run }) => run === id) ? undefined : await rolloutFiles(folders.state, store).read(id);
  if (record === undefined) return readRun(folders.runs, id);
  if (isUnfinished(record)) {
    throw new SitefleetError({
      code: "rollout.unfinished",
      message: `this rollout is not over: ${record.status}`,
      subject: id,
      hint: "sitefleet rollout abort takes back what it has brought",
    });
  }
  const whole = asRun(record, runs);
  if (whole) return whole;
  const message = "this rollout has changed nothing, or the journals of its runs are gone";
  throw new SitefleetError({ code: "run.unknown", message, subject: id });
}

async function aimsOf(session: Session, options: RollbackOptions): Promise<readonly RollbackAim[]> {
  const { runs } = session.folders;
  if (options.resume !== undefined) {
    const { aims, done } = readRun(runs, options.resume);
    if (aims) return aims.filter(({ stack }) => !done.includes(stack));
    throw new SitefleetError({
      code: "run.unknown",
      message: "this run was no rollback",
      subject: options.resume,
      hint: "sitefleet up --resume goes on with it",
    });
  }
  const { catalog } = session.inputs;
  return rollbackAims(catalog, {
    gone: await stacksOfGone(session, options.site ?? []),
    ...(options.stack ? { stacks: options.stack } : {}),
    ...(options.site ? { hosts: options.site } : {}),
    ...(options.run === undefined ? {} : { run: await runOf(session, options.run) }),
    ...(options.to === undefined ? {} : { to: options.to }),
  });
}

/** Where hosts were that the catalog has no more: their tags, which may have put them elsewhere, went with them. */
async function stacksOfGone({ inputs, infos }: Session, hosts: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const declared = new Set(inputs.catalog.sites.map(({ host }) => host));
  for (const host of hosts.filter((one) => !declared.has(one))) {
    for (const stack of formerStacks(host).filter((one) => infos.has(one)))
      if (!found.has(host) && (await everHad(stack, host))) found.set(host, stack);
  }
  return found;
}

async function everHad(stack: string, host: string): Promise<boolean> {
  for (const { desired } of await stackVersions(stack)) {
    const state = await desired();
    if (state?.kind === "cell" && state.sites.some((site) => site.host === host)) return true;
  }
  return false;
}

/** What going back would do, found by the engine. Changes nothing. */
export async function previewRollback(
  context: Context,
  plan: PlannedRollback,
  options: RollbackOptions,
): Promise<FleetRun> {
  const { session, targets } = plan;
  const { warm } = options;
  await checkNeeds(session, session.open);
  const run = await watched(targets.length, (observer, signal) =>
    runFleet({
      operation: "preview",
      stacks: session.open,
      existing: new Set(session.infos.keys()),
      desired: desiredBy(targets),
      parts: partsBy(targets, options),
      ...(warm ? { warm } : {}),
      catalogDir: context.catalogDir,
      configFile: context.configFile,
      ...tuning({ concurrency: ROLLBACK_CONCURRENCY, ...options }),
      observer,
      signal,
    }),
  );
  return { ...withUnopened(session, run), unopened: [] };
}

/**
 * Goes back: remembers what is left as bad, then updates the stacks to what they were.
 *
 * @throws SitefleetError `lock.held`, `rollback.refused`, `rollback.changed`
 */
export async function carryOutRollback(
  context: Context,
  plan: PlannedRollback,
  options: RollbackOptions,
): Promise<FleetRun & AppliedRun> {
  const { session, targets, aims } = plan;
  refuse(plan.losses);
  const { warm } = options;
  const stacks = targets.map(({ stack }) => stack);
  // Promotions are not limited, and a rollback does not wait. So nothing is expected of the budgets.
  const known = new Map(stacks.map((stack) => [stack, { steps: [] }]));
  const run = await watched(stacks.length, async (observer, signal) => {
    const work = { stacks, known, hosts: [], live: 0, notes: [] };
    const budget = await openRunBudget({ estate: context, emit: tell }, session, work, stacks, {
      concurrency: ROLLBACK_CONCURRENCY,
      ...options,
      signal,
    });
    return applyRun(session, {
      stacks,
      ...tuning({ concurrency: ROLLBACK_CONCURRENCY, ...options }),
      ...(budget ? { budget: budget.hooks } : {}),
      ...(warm ? { warm } : {}),
      rollback: { desired: desiredBy(targets), parts: partsBy(targets, options), aims },
      preflight: { rules: { allow: [], direction: "back" }, onFindings: sayFindings },
      confirm: () => beforeChange(plan, options),
      lockWaitMs: (options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT) * 1000,
      onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
      onRepair: sayRepair,
      onNotice: say,
      observer,
      signal,
      ...(options.resume === undefined ? {} : { resumes: options.resume }),
    }).finally(() => budget?.close());
  });
  return { ...run, ...withUnopened(session, run), unopened: [] };
}

/** With all locks held: refuses when the stacks were updated since this was planned, and marks the releases that are left as bad. */
async function beforeChange({ session, targets }: PlannedRollback, { reason }: RollbackOptions) {
  const limit = pLimit(HISTORIES_AT_ONCE);
  const seen = await Promise.all(targets.map(({ stack }) => limit(async () => lastChange(await stackVersions(stack)))));
  const changed = targets.filter((target, index) => target.seen !== seen[index]);
  if (changed.length > 0) {
    throw new SitefleetError({
      code: "rollback.changed",
      message: "another run has updated stacks since this was planned; nothing was changed",
      details: changed.map(({ stack }) => stack),
      hint: "run it again: it starts from what is live now",
    });
  }
  await leaveReleases(session.folders.state, releasesLeft(targets), { reason: reason ?? "rolled back by hand" });
  return new Map<string, string>();
}

/** The sites and shared projects whose old deployment was gone, so that the commit was built anew. */
export async function rebuiltBy({ targets }: PlannedRollback): Promise<string[]> {
  const all = await Promise.all(
    targets.map(async (target) =>
      builtAnew(target, await target.formerResources(), (await readState(target.stack)).resources),
    ),
  );
  return all.flat().sort();
}

/** Asks the sites that went back, with the release that they must answer with. Undefined when there are none. */
export async function checkRollback(plan: PlannedRollback): Promise<readonly HealthResult[] | undefined> {
  const { catalog } = plan.session.inputs;
  const checks = sitesToCheck(catalog, plan.targets);
  if (checks.length === 0) return undefined;
  const expected = new Map(checks.map(({ site, expected }) => [site.host, expected]));
  return checkSites(
    catalog,
    checks.map(({ site }) => site),
    { expected },
  );
}

/** Stops before what this command cannot do. @throws SitefleetError `rollback.refused` */
function refuse(losses: readonly Loss[]): void {
  const refused = losses.filter(({ kind }) => kind === "refused");
  if (refused.length === 0) return;
  throw new SitefleetError({
    code: "rollback.refused",
    message: "not everything can go back this way; nothing was changed",
    details: refused.map(({ name, reason }) => `${name}: ${reason}`),
    hint: "go back with the others first, or to a version that keeps these",
  });
}

const desiredBy = (targets: readonly PlannedStack[]) => new Map(targets.map(({ stack, desired }) => [stack, desired]));

/** With `--refresh` the whole stack is looked at, so none is limited to a part. */
function partsBy(targets: readonly PlannedStack[], { refresh }: RollbackOptions): Map<string, SitePart> {
  return new Map(targets.flatMap(({ stack, part }) => (part === undefined || refresh ? [] : [[stack, part] as const])));
}
