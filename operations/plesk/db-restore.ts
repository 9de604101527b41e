import { z } from "zod";
import { type Outcome, type RestoreResult, restoreDatabase } from "../../plesk/index.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";

/** Makes a database what a snapshot holds. Its caller has a person's yes. */
export const pleskDbRestore = defineOperation({
  name: "plesk db restore",
  summary: "make a database what a snapshot holds; its present state is kept in a snapshot of its own",
  changes: true,
  input: z.object({
    service: flag(z.string(), "--service <key>", "the service"),
    snapshot: flag(z.string(), "--snapshot <name>", "name of the snapshot, as `plesk releases` lists it"),
  }),
  events: serviceEvent,
  output: servicesDocument<RestoreResult>({
    restored: z.string().describe("name of the snapshot that was restored"),
    kept: z.string().describe("snapshot of the database as it was just before"),
  }),
  run: async ({ service, snapshot }, tools): Promise<OfServices<RestoreResult>> =>
    overServices(tools, await openTargets(tools, [service], { databases: "required" }), (targets, watch) =>
      Promise.all(
        targets.map(async (target): Promise<Outcome<RestoreResult>> => {
          try {
            return { service, ok: true, value: await restoreDatabase(target, snapshot, watch) };
          } catch (error) {
            return { service, ok: false, error };
          }
        }),
      ),
    ),
  document: documentOfServices,
  exitCode: exitOfServices,
});
