import pLimit from "p-limit";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { listRuns } from "../../fleet/backend/journal/journal.ts";
import { inspectStates } from "../../fleet/backend/states/inspect.ts";
import {
  badReleases,
  type Goal,
  type Left,
  type Loss,
  lossesOf,
  type PlannedStack,
  planStack,
} from "../../fleet/releases/rollback/index.ts";
import { deriveEarly } from "../../fleet/run/needs/index.ts";
import { openSession, type Session } from "../../fleet/run/session.ts";
import type { FleetEvent } from "../kit/events.ts";
import type { Tools } from "../kit/operation.ts";
import { aimsOf } from "./aims.ts";
import type { Agreed, BackInput } from "./input.ts";

/** A rollback that is planned and not begun. */
export interface PlannedRollback {
  readonly session: Session;
  readonly targets: readonly PlannedStack[];
  readonly aims: readonly Goal[];
  readonly losses: readonly Loss[];
  /** Stacks that have nothing to go back to, and why. */
  readonly left: readonly Left[];
}

/** Histories that are read at once. */
export const HISTORIES_AT_ONCE = 8;

/**
 * Finds out what goes back to which version, and tells what does not. Reads only.
 *
 * @param agreed what was found before: it must still be so, and is not told again. @default found out now
 * @throws SitefleetError `usage`, `run.unknown`, `rollout.unfinished`, `rollback.none`, `rollback.version`,
 * `rollback.history`, `rollback.changed`, `site.unknown`
 */
export async function planBack(
  { estate, emit }: Pick<Tools<FleetEvent>, "estate" | "emit">,
  input: BackInput,
  agreed?: Agreed,
): Promise<PlannedRollback> {
  const { catalogDir, configFile } = estate;
  const session = await openSession({ catalogDir, configFile, survey: false, inspect: false });
  const aims = agreed?.goals ?? (await aimsOf(session, input));
  deriveEarly(
    session,
    aims.map(({ stack }) => stack),
  );
  const plan = await planAll(session, aims);
  if (agreed) {
    refuseChanged(changedSince(agreed, plan.targets));
    return { ...plan, left: agreed.left };
  }
  for (const { stack, reason } of plan.left) emit({ event: "left", stack, reason });
  if (plan.targets.length > 0) return plan;
  throw new SitefleetError({ code: "rollback.none", message: "there is nothing to go back to" });
}

async function planAll(session: Session, aims: Awaited<ReturnType<typeof aimsOf>>): Promise<PlannedRollback> {
  const byStack = Map.groupBy(aims, ({ stack }) => stack);
  const [faults, bad] = await Promise.all([inspectStates(byStack.keys()), badReleases(session.folders.state)]);
  const past = { runs: listRuns(session.folders.runs), bad };
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

/** What of a plan a person agrees to. Pure. */
export const agreedOf = ({ aims, targets, left }: Pick<PlannedRollback, "aims" | "targets" | "left">): Agreed => ({
  goals: aims.map(({ stack, hosts, to }) => ({ stack, hosts: hosts ? [...hosts] : undefined, to })),
  seen: Object.fromEntries(targets.map(({ stack, seen }) => [stack, seen])),
  left: left.map((one) => ({ ...one })),
});

/** The stacks that are not as they were when a person agreed. Pure. */
export function changedSince({ seen }: Agreed, targets: readonly Pick<PlannedStack, "stack" | "seen">[]): string[] {
  const now = new Map(targets.map((target) => [target.stack, target.seen]));
  return Object.keys(seen).filter((stack) => now.get(stack) !== seen[stack]);
}

/** @throws SitefleetError `rollback.changed` when there are such stacks */
export function refuseChanged(stacks: readonly string[]): void {
  if (stacks.length === 0) return;
  throw new SitefleetError({
    code: "rollback.changed",
    message: "another run has updated stacks since this was planned; nothing was changed",
    details: stacks,
    hint: "run it again: it starts from what is live now",
  });
}
