import { z } from "zod";
import { fleetEvent } from "./kit/events.ts";
import { allowField, concurrencyFields } from "./kit/fields.ts";
import { defineOperation } from "./kit/operation.ts";
import { plannedDocument, plannedOf } from "./rollout/documents.ts";
import { scopeFields } from "./rollout/input.ts";
import { planWaves } from "./rollout/plan.ts";

/** The waves of a rollout that is not begun. */
export const rolloutPlan = defineOperation({
  name: "rollout plan",
  summary: "show the waves in which `rollout` would bring what differs. Changes nothing.",
  changes: false,
  input: z.object({
    ...concurrencyFields(),
    ...allowField(),
    ...scopeFields(),
    judge: z
      .boolean()
      .optional()
      .describe("judge it as before its first wave: with previews where they are needed, and refuse"),
  }),
  events: fleetEvent,
  output: plannedDocument,
  run: ({ judge = false, ...input }, tools) => planWaves(tools, input, judge),
  document: plannedOf,
});
