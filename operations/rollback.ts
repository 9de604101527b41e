import { z } from "zod";
import type { AppliedRun } from "../fleet/run/apply.ts";
import { WarmStart } from "../fleet/run/runner/warm.ts";
import { succeeded, summarise } from "../fleet/run/summary.ts";
import type { FleetRun } from "./fleet/fleet-run.ts";
import { fleetEvent } from "./kit/events.ts";
import { lockField } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { carryOutBack, gateBack } from "./rollback/carry-out.ts";
import { type CheckedBack, checkBack, rebuiltBy } from "./rollback/check.ts";
import { rollbackDocument, versionsOf } from "./rollback/documents.ts";
import { agreedSchema, backFields, runnersFor } from "./rollback/input.ts";
import { refuseLost } from "./rollback/losses.ts";
import { type PlannedRollback, planBack } from "./rollback/plan.ts";

/** What a rollback came to. */
export interface RolledBack extends Pick<PlannedRollback, "aims" | "losses" | "left"> {
  readonly run: FleetRun & AppliedRun;
  /** What the sites answer that went back; absent when they were not asked. */
  readonly health?: CheckedBack | undefined;
  /** What was built anew. */
  readonly rebuilt: readonly string[];
}

/** What was live before is live again; its caller has a person's yes. */
export const rollback = defineOperation({
  name: "rollback",
  summary: "go back to what stacks or sites were before: releases, variables, domains, DNS",
  changes: true,
  input: z.object({
    ...backFields(),
    acceptLoss: flag(
      z.boolean().optional(),
      "--accept-loss",
      "go back also where something stays lost, e.g. a deleted project's deployments",
    ),
    reason: flag(z.string().optional(), "--reason <text>", "why; kept with the releases that are remembered as bad"),
    check: flag(z.boolean().optional(), "--no-check", "do not ask the sites afterwards"),
    ...lockField(),
    approval: flag(
      z.array(z.string()).optional(),
      "--approval <file>",
      "an approval beside those of approvals/; may be given several times",
    ),
    agreed: agreedSchema
      .optional()
      .describe("what a preview has found and a person has agreed to: exactly that, or nothing"),
  }),
  events: fleetEvent,
  output: rollbackDocument,
  async run({ agreed, ...input }, tools): Promise<RolledBack> {
    const warm = new WarmStart(runnersFor(input));
    try {
      const plan = await planBack(tools, input, agreed);
      if (!input.acceptLoss) refuseLost(plan.losses);
      const gate = await gateBack(tools, plan, { ...input, warm });
      const run = await carryOutBack(tools, plan, { ...input, warm, approved: (id) => gate?.clearance.begin(id) });
      const asked = input.check === false || !succeeded(run) ? undefined : checkBack(plan);
      const [health, rebuilt] = await Promise.all([asked, rebuiltBy(plan, run.results)]);
      const { aims, losses, left } = plan;
      return { run, aims, losses, left, health, rebuilt };
    } finally {
      await warm.close();
    }
  },
  document({ run, aims, losses, left, health, rebuilt }) {
    return {
      ok: succeeded(run) && health?.report.verdict !== "fail",
      run: run.run,
      ...summarise(run),
      to: versionsOf(aims),
      losses,
      left,
      rebuilt: [...rebuilt],
      ...(health ? { health: { ...health.report, results: [...health.results] } } : {}),
    };
  },
  exitCode: ({ run, health }) => (succeeded(run) && health?.report.verdict !== "fail" ? 0 : 1),
});
