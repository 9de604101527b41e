import { z } from "zod";
import { chooseField, documentOfMatching, matchingDocument } from "./adopt/documents.ts";
import { type Matched, matchEstate } from "./adopt/estate.ts";
import { noEvents } from "./kit/events.ts";
import { defineOperation } from "./kit/operation.ts";

/** Exit code where something is left that no update and no adoption settles. */
const LEFT_EXIT = 3;

/** Holds what is declared against what was read. */
export const adoptMatch = defineOperation({
  name: "adopt match",
  summary: "say which object each declaration stands for, how sure that is and why. Changes nothing.",
  changes: false,
  input: z.object({ choose: chooseField() }),
  events: noEvents,
  output: matchingDocument,
  run: ({ choose }, { estate }): Promise<Matched> => matchEstate(estate, choose),
  document: ({ matching, inventory }) => documentOfMatching(matching, inventory.seen),
  exitCode: ({ matching: { ties, unsupported, foreign } }) =>
    ties.length + unsupported.length + foreign.length > 0 ? LEFT_EXIT : 0,
});
