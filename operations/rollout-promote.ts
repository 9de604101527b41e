import { z } from "zod";
import { fleetEvent } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";
import { documentOf, exitOf, rolloutDocument } from "./rollout/documents.ts";
import { rolloutFields } from "./rollout/input.ts";
import { askRollout } from "./rollout/request.ts";

/** A wave that waits, or is in doubt, is taken for good. */
export const rolloutPromote = defineOperation({
  name: "rollout promote",
  summary: "end the pause or soak time at once, or accept a wave that is in doubt, and go on",
  changes: true,
  input: z.object({
    ...rolloutFields(),
  }),
  events: fleetEvent,
  output: rolloutDocument,
  run: (input, tools) => askRollout(tools, "promote", input),
  document: documentOf,
  exitCode: (record) => exitOf(record, "promote"),
});
