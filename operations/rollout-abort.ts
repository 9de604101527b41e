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
    // Without a flag: for who must not carry it out, as the dashboard.
    askOnly: z
      .boolean()
      .optional()
      .describe("only ask the process that carries the rollout out; refuse where there is none"),
  }),
  events: fleetEvent,
  output: rolloutDocument,
  run: ({ keep, askOnly, ...input }, tools) => askRollout(tools, "abort", input, { keep, askOnly }),
  document: documentOf,
  exitCode: (record) => exitOf(record, "abort"),
});
