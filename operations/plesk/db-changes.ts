import { z } from "zod";
import { type Written, written } from "../../plesk/index.ts";
import { defineOperation } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { servicesFields } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";
import { deployedWithin, withinFields } from "./services/within.ts";

type Compared = Written & { readonly service: string };

/** What a rollback of databases would take away. */
export const pleskDbChanges = defineOperation({
  name: "plesk db changes",
  summary: "show what was written into databases since the snapshots that a rollback would restore. Reads only.",
  changes: false,
  input: z.object({ ...servicesFields(), ...withinFields() }),
  events: serviceEvent,
  output: servicesDocument<Compared>({
    snapshot: z.string().nullable().describe("null: there is none, and a rollback leaves the database alone"),
    at: z.string().nullable().describe("ISO 8601"),
    tables: z
      .array(z.object({ table: z.string(), written: z.int().min(0), gone: z.int().min(0) }))
      .describe("rows that only the database has, and that only the snapshot has"),
  }),
  async run({ service, within }, tools): Promise<OfServices<Compared>> {
    const asked = await openTargets(tools, service, { databases: "required" });
    const opened = within === undefined ? asked : await deployedWithin(asked, within);
    const targets = opened.targets.filter(({ database }) => database !== undefined);
    return overServices(tools, { ...opened, targets }, written);
  },
  document: documentOfServices,
  exitCode: exitOfServices,
});
