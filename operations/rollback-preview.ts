import { z } from "zod";
import type { ChangeSet } from "../fleet/change-set/index.ts";
import { WarmStart } from "../fleet/run/runner/warm.ts";
import { succeeded } from "../fleet/run/summary.ts";
import { changeSetOf } from "./fleet/change-set.ts";
import type { FleetRun } from "./fleet/fleet-run.ts";
import { fleetEvent } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { previewBack } from "./rollback/carry-out.ts";
import { rollbackPreviewDocument, versionsOf } from "./rollback/documents.ts";
import { backFields, runnersFor } from "./rollback/input.ts";
import { lookBefore } from "./rollback/losses.ts";
import { type PlannedRollback, planBack } from "./rollback/plan.ts";

/** What going back would do. */
export interface PreviewedRollback extends Pick<PlannedRollback, "aims" | "targets" | "losses" | "left"> {
  readonly run: FleetRun;
  readonly set: ChangeSet;
}

/** What going back would do, and what would not come back. */
export const rollbackPreview = defineOperation({
  name: "rollback preview",
  summary: "show what `rollback` would do. Changes nothing.",
  changes: false,
  input: z.object(backFields()),
  events: fleetEvent,
  output: rollbackPreviewDocument,
  async run(input, tools): Promise<PreviewedRollback> {
    const warm = new WarmStart(runnersFor(input));
    try {
      const plan = await planBack(tools, input);
      const [run, looked] = await Promise.all([previewBack(tools, plan, { ...input, warm }), lookBefore(plan)]);
      const { aims, targets, losses, left } = plan;
      return { run, set: changeSetOf(run), aims, targets, losses: [...losses, ...looked], left };
    } finally {
      await warm.close();
    }
  },
  document: ({ set, losses, aims }) => ({ ...set, losses, to: versionsOf(aims) }),
  exitCode: ({ run }) => (succeeded(run) ? 0 : 1),
});
