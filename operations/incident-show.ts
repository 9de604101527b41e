import { z } from "zod";
import { readIncidents } from "../fleet/incidents/index.ts";
import { incidentDocument } from "./incident/documents.ts";
import { unknownIncident } from "./incident/tell.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";

/** One incident with its timeline. */
export const incidentShow = defineOperation({
  name: "incident show",
  summary: "show an incident with what happened and what was done",
  changes: false,
  input: z.object({ id: flag(z.string(), "<id>", "id of the incident") }),
  events: noEvents,
  output: incidentDocument,
  async run({ id }) {
    const found = (await readIncidents(await keptIn())).find((one) => one.id === id);
    if (found === undefined) throw unknownIncident(id);
    return found;
  },
  document: (incident) => ({ incident }),
});
