import { z } from "zod";
import { fleetEvent } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { documentOf, exitOf, rolloutDocument } from "./rollout/documents.ts";
import { rolloutFields } from "./rollout/input.ts";
import { askRollout } from "./rollout/request.ts";

/** What a rollout has brought goes back. */
export const rolloutAbort = defineOperation({
  name: "rollout abort",
  summary: "end the rollout and take back what it has brought, also of one that a failed wave has stopped",
  changes: true,
  input: z.object({
    ...rolloutFields(),
    keep: flag(z.boolean().optional(), "--keep", "leave what it has brought"),
  }),
  events: fleetEvent,
  output: rolloutDocument,
  run: ({ keep, ...input }, tools) => askRollout(tools, "abort", input, keep),
  document: documentOf,
  exitCode: (record) => exitOf(record, "abort"),
});
