import { z } from "zod";
import { noEvents } from "../kit/events.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { incidentDocument } from "./documents.ts";
import { act } from "./tell.ts";

/** What a person does about one incident, with the reason. */
export const byHand = (name: string, summary: string, what: "acknowledge" | "close") =>
  defineOperation({
    name,
    summary,
    changes: true,
    input: z.object({
      id: flag(z.string(), "<id>", "id of the incident"),
      reason: flag(z.string().optional(), "--reason <text>", "what is known or was done; kept in the timeline"),
    }),
    events: noEvents,
    output: incidentDocument,
    run: ({ id, reason = "" }, { estate }) => act(what, estate.catalogDir, id, reason),
    document: (incident) => ({ incident }),
  });
