import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../errors/index.ts";
import { documentOfFlows, flowsDocument } from "./flows/documents.ts";
import { flowsFolder, type PerformedFlows } from "./flows/perform.ts";
import { noEvents } from "./kit/events.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";

/** What a run of flows came to. */
export const flowsShow = defineOperation({
  name: "flows show",
  summary: "show what a run of the user flows came to, with the files of evidence (default: the last one)",
  changes: false,
  input: z.object({ run: flag(z.string().optional(), "[run]", "id of the run") }),
  events: noEvents,
  output: flowsDocument,
  async run({ run }): Promise<PerformedFlows> {
    const folder = flowsFolder();
    const runs = existsSync(folder) ? readdirSync(folder).sort() : [];
    const kept = (name: string): string => join(folder, name, "result.json");
    const found = runs.findLast((name) => (run === undefined || name === run) && existsSync(kept(name)));
    if (found === undefined)
      throw new SitefleetError({
        code: "flows.run",
        message:
          run === undefined ? "no run of the flows is kept on this machine" : "no kept run of the flows has this id",
        subject: run,
        hint: "sitefleet flows run",
      });
    return JSON.parse(readFileSync(kept(found), "utf8")) as PerformedFlows;
  },
  document: documentOfFlows,
});
