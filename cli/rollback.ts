import pLimit from "p-limit";
import { SitefleetError } from "../errors/index.ts";
import { type AppliedRun, applyRun } from "../fleet/apply.ts";
import { checkSites, type HealthResult } from "../fleet/health/index.ts";
import { readRun } from "../fleet/journal/journal.ts";
import { describeHolder } from "../fleet/lock/locks.ts";
import {
  chooseTarget,
  type Loss,
  lossesOf,
  markBad,
  type RollbackAim,
  type RollbackTarget,
  releasesLeft,
  rollbackAims,
  sitesToCheck,
  stackVersions,
} from "../fleet/rollback/index.ts";
import { runFleet } from "../fleet/run.ts";
import { openSession, type Session } from "../fleet/session.ts";
import { stackNames } from "../stacks/names.ts";
import { openRunBudget } from "./budget.ts";
import type { Context } from "./context.ts";
import { type FleetOptions, tuning, watched, withUnopened } from "./fleet.ts";
import type { FleetRun } from "./fleet-run.ts";
import { sayRepair } from "./output/repair.ts";
import { say } from "./output/style.ts";
import { DEFAULT_LOCK_TIMEOUT } from "./update.ts";

/** Options of `sitefleet rollback`. */
export interface RollbackOptions extends FleetOptions {
  readonly site?: readonly string[];
  readonly run?: string;
  readonly to?: number;
  /** A run of `rollback` to go on with. */
  readonly resume?: string;
  readonly lockTimeout?: number;
  readonly reason?: string;
}

/** A rollback that is worked out and not begun. */
export interface PlannedRollback {
  readonly session: Session;
  readonly targets: readonly RollbackTarget[];
  readonly aims: readonly (RollbackAim & { readonly to: number })[];
  readonly losses: readonly Loss[];
  /** Stacks that have nothing to go back to, and why. */
  readonly left: readonly { readonly stack: string; readonly reason: string }[];
}

/** Histories that are read at once. */
const HISTORIES_AT_ONCE = 8;

/**
 * Finds out what goes back to which version. Reads only.
 *
 * @throws SitefleetError `usage`, `run.unknown`, `rollback.none`, `rollback.version`, `site.unknown`
 */
export async function planRollback(context: Context, options: RollbackOptions): Promise<PlannedRollback> {
  const all = await openSession({ catalogDir: context.catalogDir, configFile: context.configFile, all: true });
  const aims = aimsOf(all, options);
  const known = new Set([...all.infos.keys(), ...stackNames(all.inputs.catalog)]);
  const limit = pLimit(HISTORIES_AT_ONCE);
  const left: { stack: string; reason: string }[] = [];
  const found = await Promise.all(
    aims.map((aim) =>
      limit(async (): Promise<(RollbackTarget & { aim: RollbackAim }) | undefined> => {
        if (!known.has(aim.stack) || !all.infos.has(aim.stack)) {
          left.push({ stack: aim.stack, reason: "there is no such stack now" });
          return undefined;
        }
        try {
          return { ...(await chooseTarget(await stackVersions(aim.stack), aim)), aim };
        } catch (error) {
          // Of a whole run some stacks are new with it: the others still go back.
          if (!(error instanceof SitefleetError) || error.code !== "rollback.none" || aims.length === 1) throw error;
          left.push({ stack: aim.stack, reason: error.message });
          return undefined;
        }
      }),
    ),
  );
  const targets = found.filter((one) => one !== undefined);
  const stacks = targets.map(({ stack }) => stack);
  return {
    session: { ...all, open: stacks },
    targets,
    aims: targets.map(({ aim: { stack, hosts }, version }) => ({ stack, ...(hosts ? { hosts } : {}), to: version })),
    losses: targets.flatMap(lossesOf),
    left,
  };
}

function aimsOf(session: Session, options: RollbackOptions): readonly RollbackAim[] {
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
  return rollbackAims(session.inputs.catalog, {
    ...(options.stack ? { stacks: options.stack } : {}),
    ...(options.site ? { hosts: options.site } : {}),
    ...(options.run === undefined ? {} : { run: readRun(runs, options.run) }),
    ...(options.to === undefined ? {} : { to: options.to }),
  });
}

/** What going back would do, found by the engine. Changes nothing. */
export async function previewRollback(
  context: Context,
  plan: PlannedRollback,
  options: RollbackOptions,
): Promise<FleetRun> {
  const { session, targets } = plan;
  const run = await watched(targets.length, (observer, signal) =>
    runFleet({
      operation: "preview",
      stacks: session.open,
      existing: new Set(session.infos.keys()),
      desired: desiredBy(targets),
      catalogDir: context.catalogDir,
      configFile: context.configFile,
      ...tuning(options),
      observer,
      signal,
    }),
  );
  return { ...withUnopened(session, run), unopened: [] };
}

/** Goes back: remembers what is left as bad, then updates the stacks to what they were. @throws SitefleetError `lock.held`, `rollback.refused` */
export async function carryOutRollback(
  context: Context,
  plan: PlannedRollback,
  options: RollbackOptions,
): Promise<FleetRun & AppliedRun> {
  const { session, targets, aims } = plan;
  refuse(plan.losses);
  const reason = options.reason ?? "rolled back by hand";
  const at = new Date().toISOString();
  // Before anything goes back: whoever starts an update meanwhile must not bring it again.
  await markBad(
    session.folders.state,
    releasesLeft(targets).map(({ repository, commit }) => ({ repository, commit, at, reason })),
  );
  const stacks = targets.map(({ stack }) => stack);
  // Promotions are not limited, and going back waits for nobody: nothing is expected of the budgets.
  const known = new Map(stacks.map((stack) => [stack, { steps: [] }]));
  const run = await watched(stacks.length, async (observer, signal) => {
    const work = { stacks, known, hosts: [], live: 0, notes: [] };
    const budget = await openRunBudget(context, session, work, stacks, { ...options, signal });
    return applyRun(session, {
      stacks,
      ...tuning(options),
      ...(budget ? { budget: budget.hooks } : {}),
      rollback: { desired: desiredBy(targets), aims },
      lockWaitMs: (options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT) * 1000,
      onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
      onRepair: sayRepair,
      observer,
      signal,
      ...(options.resume === undefined ? {} : { resumes: options.resume }),
    }).finally(() => budget?.close());
  });
  return { ...run, ...withUnopened(session, run), unopened: [] };
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

const desiredBy = (targets: readonly RollbackTarget[]) =>
  new Map(targets.map(({ stack, desired }) => [stack, desired]));
