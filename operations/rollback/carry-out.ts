import pLimit from "p-limit";
import { lastChange, type PlannedStack, releasesLeft, stackVersions } from "../../fleet/releases/rollback/index.ts";
import { leaveReleases } from "../../fleet/releases/step/index.ts";
import { type AppliedRun, applyRun } from "../../fleet/run/apply.ts";
import { checkNeeds } from "../../fleet/run/needs/index.ts";
import { agentOf } from "../../fleet/run/preflight/index.ts";
import { runFleet } from "../../fleet/run/run.ts";
import type { WarmStart } from "../../fleet/run/runner/warm.ts";
import type { SiteTargets } from "../../stacks/site-targets.ts";
import type { FleetRun } from "../fleet/fleet-run.ts";
import { gateRun, type PassedRun } from "../fleet/gate-run.ts";
import { tuning, withUnopened } from "../fleet/over.ts";
import { openRunBudget } from "../fleet/run-budget.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Tools } from "../kit/operation.ts";
import { lockedFrame, overStacks } from "../kit/watch.ts";
import { type BackInput, ROLLBACK_CONCURRENCY } from "./input.ts";
import { lossLines, refuseImpossible } from "./losses.ts";
import { HISTORIES_AT_ONCE, type PlannedRollback, refuseChanged } from "./plan.ts";

/** How a rollback is carried out. */
export interface CarryOptions extends Pick<BackInput, "concurrency" | "parallel" | "refresh" | "resume"> {
  /** What has been started already. */
  readonly warm: WarmStart;
  /** Seconds to wait for another run's locks. @default 120 */
  readonly lockTimeout?: number;
  /** Why; kept with the releases that are remembered as bad. @default "rolled back by hand" */
  readonly reason?: string;
  /** Files of approvals beside those of `approvals/`. */
  readonly approval?: readonly string[] | undefined;
  /** Uses the approval up, before anything is changed. @default none was asked for */
  readonly approved?: (run: string) => Promise<void> | undefined;
}

/** What going back would do, found by the engine. Changes nothing. */
export async function previewBack(
  tools: Tools<FleetEvent>,
  { session, targets }: PlannedRollback,
  options: CarryOptions,
): Promise<FleetRun> {
  const { catalogDir, configFile } = tools.estate;
  await checkNeeds(session, session.open);
  const run = await overStacks(tools, targets.length, (observer, signal) =>
    runFleet({
      operation: "preview",
      stacks: session.open,
      existing: new Set(session.infos.keys()),
      desired: desiredBy(targets),
      siteTargets: siteTargetsBy(targets, options),
      warm: options.warm,
      catalogDir,
      configFile,
      ...tuning({ concurrency: ROLLBACK_CONCURRENCY, ...options }),
      observer,
      signal,
    }),
  );
  return { ...withUnopened(session, run), unopened: [] };
}

/**
 * Going back is asked for an approval only where something would stay lost, or an agent begins it: no window, freeze or count stands in its way, and
 * where nothing is lost it is not even previewed.
 *
 * @throws SitefleetError `gate.stopped`, `approval.*`
 */
export async function gateBack(
  tools: Tools<FleetEvent>,
  plan: PlannedRollback,
  options: CarryOptions,
): Promise<PassedRun | undefined> {
  const lost = plan.losses.filter(({ kind }) => kind === "lost");
  if (lost.length === 0 && agentOf() === undefined) return undefined;
  return gateRun({
    session: plan.session,
    operation: "rollback",
    stacks: plan.targets.map(({ stack }) => stack),
    input: { approval: options.approval },
    direction: "back",
    lost: lossLines(lost),
    preview: () => previewBack(tools, plan, options),
    emit: tools.emit,
  });
}

/**
 * Goes back: remembers what is left as bad, then updates the stacks to what they were.
 *
 * @throws SitefleetError `lock.held`, `rollback.refused`, `rollback.changed`
 */
export async function carryOutBack(
  tools: Tools<FleetEvent>,
  plan: PlannedRollback,
  options: CarryOptions,
): Promise<FleetRun & AppliedRun> {
  const { session, targets, aims } = plan;
  refuseImpossible(plan.losses);
  const stacks = targets.map(({ stack }) => stack);
  // Promotions are not limited, and a rollback does not wait. So nothing is expected of the budgets.
  const known = new Map(stacks.map((stack) => [stack, { steps: [] }]));
  const run = await overStacks(tools, stacks.length, async (observer, signal) => {
    const work = { stacks, known, hosts: [], live: 0, notes: [] };
    const budget = await openRunBudget(tools, session, work, stacks, {
      concurrency: ROLLBACK_CONCURRENCY,
      ...options,
      signal,
    });
    return applyRun(session, {
      stacks,
      ...tuning({ concurrency: ROLLBACK_CONCURRENCY, ...options }),
      budget: budget?.hooks,
      warm: options.warm,
      rollback: { desired: desiredBy(targets), siteTargets: siteTargetsBy(targets, options), aims },
      preflight: {
        rules: { allow: [], direction: "back" },
        onFindings: (findings) => tools.emit({ event: "findings", findings: [...findings] }),
      },
      confirm: () => beforeChange(plan, options),
      prepare: async ({ run }) => options.approved?.(run),
      ...lockedFrame(tools.emit, options.lockTimeout),
      observer,
      signal,
      resumes: options.resume,
    }).finally(() => budget?.close());
  });
  return { ...run, ...withUnopened(session, run), unopened: [] };
}

/** With all locks held: refuses when the stacks were updated since this was planned, and marks the releases that are left as bad. */
async function beforeChange({ session, targets }: PlannedRollback, { reason }: CarryOptions) {
  const limit = pLimit(HISTORIES_AT_ONCE);
  const seen = await Promise.all(targets.map(({ stack }) => limit(async () => lastChange(await stackVersions(stack)))));
  refuseChanged(targets.filter((target, index) => target.seen !== seen[index]).map(({ stack }) => stack));
  await leaveReleases(session.folders.state, releasesLeft(targets), { reason: reason ?? "rolled back by hand" });
  return new Map<string, string>();
}

const desiredBy = (targets: readonly PlannedStack[]) => new Map(targets.map(({ stack, desired }) => [stack, desired]));

/** With `refresh` the whole stack is looked at, so none is limited to a part. */
function siteTargetsBy(
  targets: readonly PlannedStack[],
  { refresh }: Pick<BackInput, "refresh">,
): Map<string, SiteTargets> {
  return new Map(
    targets.flatMap(({ stack, siteTargets }) =>
      siteTargets === undefined || refresh ? [] : [[stack, siteTargets] as const],
    ),
  );
}
