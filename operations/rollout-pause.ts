import { z } from "zod";
import { fleetEvent } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { documentOf, exitOf, rolloutDocument } from "./rollout/documents.ts";
import { askRollout } from "./rollout/request.ts";

/** The rollout waits before its next step. */
export const rolloutPause = defineOperation({
  name: "rollout pause",
  summary: "stop the rollout before its next step, wherever it is carried out",
  changes: true,
  input: z.object({
    gone: z.array(z.string()).optional().describe("machines that are gone for certain"),
  }),
  events: fleetEvent,
  output: rolloutDocument,
  run: (input, tools) => askRollout(tools, "pause", input),
  document: documentOf,
  exitCode: (record) => exitOf(record, "pause"),
});
