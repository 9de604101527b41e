import { z } from "zod";
import { readIncidents } from "../fleet/incidents/index.ts";
import { incidentsDocument, ranked } from "./incident/documents.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { keptIn } from "./notify/declared.ts";

/** What a person must look at. */
export const incidentList = defineOperation({
  name: "incident list",
  summary: "list the incidents that are not closed",
  changes: false,
  input: z.object({ all: flag(z.boolean().optional(), "--all", "closed ones as well") }),
  events: noEvents,
  output: incidentsDocument,
  async run({ all }) {
    const incidents = await readIncidents(await keptIn());
    return ranked(incidents.filter(({ state }) => all || state !== "closed"));
  },
  document: (incidents) => ({ incidents }),
});
