import { environment } from "../../environment/index.ts";
import { hasCode } from "../../errors/index.ts";
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
    gates: run.gated && { asks: run.gated.policy.asks, verdicts: run.gated.verdicts },
    costOf: costOf(run),
    unopened: run.unopened.map((stack) => ({ stack, reason: "as it was declared when it was last updated" })),
  });
}

/** Today's prices of the catalog that was previewed. A price that cannot be changed into the account's currency stops no preview. */
const costOf =
  ({ prices }: FleetRun) =>
  (changes: ChangeSet["changes"]): ChangeSet["cost"] => {
    if (prices === undefined) return undefined;
    const on = new Date().toISOString().slice(0, 10);
    try {
      return costOfChanges(changes, prices, on);
    } catch (error) {
      if (!hasCode(error, "cost.currency")) throw error;
      const { currency } = prices.account;
      const sentences = [`what it costs cannot be said: ${error.message}`];
      return {
        builds: 0,
        currency,
        monthly: { projects: 0, amount: 0, currency },
        dependsOn: ["rates"],
        on,
        sentences,
      };
    }
  };
