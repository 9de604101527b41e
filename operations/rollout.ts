import { z } from "zod";
import type { RolloutRecord } from "../fleet/releases/rollout/index.ts";
import { fleetEvent } from "./kit/events.ts";
import { gateFields } from "./kit/fields.ts";
import { defineOperation } from "./kit/operation.ts";
import { beginRollout } from "./rollout/begin.ts";
import { agreedRollout, exitOf, plannedDocument, plannedOf } from "./rollout/documents.ts";
import { rolloutFields, scopeFields } from "./rollout/input.ts";
import { gateRollout, planWaves } from "./rollout/plan.ts";

/** What differs from the catalog goes out wave by wave, and each wave is judged; its caller has a person's yes. */
export const rollout = defineOperation({
  name: "rollout",
  summary: "bring sites and services to what the catalog says, wave by wave; a wave that fails goes back by itself",
  changes: true,
  input: z.object({
    ...rolloutFields(),
    ...gateFields(),
    ...scopeFields(),
    agreed: agreedRollout.optional().describe("what was planned and judged, and a person has agreed to: exactly that"),
  }),
  events: fleetEvent,
  output: plannedDocument,
  async run({ agreed, ...input }, tools): Promise<RolloutRecord | undefined> {
    const record = agreed ?? (await planWaves(tools, input, true));
    if (record === undefined) return undefined;
    const gate = await gateRollout(tools, record, input);
    return beginRollout(tools, record, input, (run) => gate?.clearance.begin(run));
  },
  document: plannedOf,
  exitCode: (record) => exitOf(record),
});
