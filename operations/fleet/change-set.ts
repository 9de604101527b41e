import { environment } from "../../environment/index.ts";
import { buildChangeSet, type ChangeSet } from "../../fleet/change-set/index.ts";
import { costOfChanges } from "../../fleet/cost/index.ts";
import type { FleetRun } from "./fleet-run.ts";

/** The change set of a preview as of now. */
export function changeSetOf(run: FleetRun): ChangeSet {
  const target = environment().SITEFLEET_TARGET;
  return buildChangeSet(run, {
    createdAt: new Date(),
    target: target || undefined,
    channels: run.channels,
    findings: run.findings,
    costOf: costOf(run),
    unopened: run.unopened.map((stack) => ({ stack, reason: "as it was declared when it was last updated" })),
  });
}

/** Today's prices of the catalog that was previewed. */
const costOf = ({ prices }: FleetRun) =>
  prices && ((changes: ChangeSet["changes"]) => costOfChanges(changes, prices, new Date().toISOString().slice(0, 10)));
