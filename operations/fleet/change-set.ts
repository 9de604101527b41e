import { environment } from "../../environment/index.ts";
import { buildChangeSet, type ChangeSet } from "../../fleet/change-set/index.ts";
import type { FleetRun } from "./fleet-run.ts";

/** The change set of a preview as of now. */
export function changeSetOf(run: FleetRun): ChangeSet {
  const target = environment().SITEFLEET_TARGET;
  return buildChangeSet(run, {
    createdAt: new Date(),
    ...(target ? { target } : {}),
    ...(run.channels ? { channels: run.channels } : {}),
    ...(run.findings ? { findings: run.findings } : {}),
    unopened: run.unopened.map((stack) => ({ stack, reason: "as it was declared when it was last updated" })),
  });
}
