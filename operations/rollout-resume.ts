import { z } from "zod";
import { fleetEvent } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { documentOf, exitOf, rolloutDocument } from "./rollout/documents.ts";
import { rolloutFields } from "./rollout/input.ts";
import { askRollout } from "./rollout/request.ts";

/** A rollout that was paused goes on. */
export const rolloutResume = defineOperation({
  name: "rollout resume",
  summary: "go on with a rollout that was paused, or whose process is gone; what was in doubt is checked again",
  changes: true,
  input: z.object({
    ...rolloutFields(),
  }),
  events: fleetEvent,
  output: rolloutDocument,
  run: (input, tools) => askRollout(tools, "resume", input),
  document: documentOf,
  exitCode: (record) => exitOf(record, "resume"),
});
