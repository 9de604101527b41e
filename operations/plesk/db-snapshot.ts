import { z } from "zod";
import { type Snapshot, snapshotAll } from "../../plesk/index.ts";
import { defineOperation } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { namedFields, namedServices } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";

/** A snapshot that was taken of a service's database. */
type Taken = Snapshot & { readonly service: string };

/** Dumps databases and proves the dumps. */
export const pleskDbSnapshot = defineOperation({
  name: "plesk db snapshot",
  summary: "dump databases and prove the dumps by restoring them into the scratch databases",
  changes: true,
  input: z.object(namedFields()),
  events: serviceEvent,
  output: servicesDocument<Taken>({
    name: z.string(),
    bytes: z.int().min(0).describe("of the dump before compression"),
    proven: z.boolean().describe("restored into the scratch database and compared"),
    restoreSeconds: z.number().describe("that restoring it is expected to take"),
  }),
  async run(which, tools): Promise<OfServices<Taken>> {
    const keys = namedServices(which);
    const opened = await openTargets(tools, keys, { databases: "required" });
    // Of all services those that have one; a service that was named must have one.
    const targets =
      keys.length === 0 ? opened.targets.filter(({ database }) => database !== undefined) : opened.targets;
    return overServices(tools, { ...opened, targets }, async (some, watch) =>
      (await snapshotAll(some, watch)).map((outcome) =>
        outcome.ok ? { ...outcome, value: { service: outcome.service, ...outcome.value } } : outcome,
      ),
    );
  },
  document: documentOfServices,
  exitCode: exitOfServices,
});
