import { z } from "zod";
import { incidentDocument } from "./incident/documents.ts";
import { act } from "./incident/tell.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** A person has looked at it. */
export const incidentClose = defineOperation({
  name: "incident close",
  summary: "close an incident by hand; when its cause is seen again, a new one is raised",
  changes: true,
  input: z.object({
    id: flag(z.string(), "<id>", "id of the incident"),
    reason: flag(z.string().optional(), "--reason <text>", "what is known or was done; kept in the timeline"),
  }),
  events: noEvents,
  output: incidentDocument,
  run: ({ id, reason = "" }, { estate }) => act("close", estate.catalogDir, id, reason),
  document: (incident) => ({ incident }),
});
