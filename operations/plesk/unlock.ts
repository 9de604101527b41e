import { z } from "zod";
import { type UnlockResult, unlockAll } from "../../plesk/index.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { namedFields, namedServices } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";

/** Removes locks that are not renewed. */
export const pleskUnlock = defineOperation({
  name: "plesk unlock",
  summary: "remove locks that their holders no longer renew",
  changes: true,
  input: z.object({
    ...namedFields(),
    force: flag(z.boolean().optional(), "--force", "also one that has not expired: its holder is known to be dead"),
  }),
  events: serviceEvent,
  output: servicesDocument<UnlockResult>({
    removed: z.array(z.string()).describe("holders whose locks were removed"),
    left: z.array(z.string()).describe("holders whose locks are still being renewed"),
  }),
  run: async ({ force = false, ...which }, tools): Promise<OfServices<UnlockResult>> =>
    overServices(tools, await openTargets(tools, namedServices(which)), (targets, watch) =>
      unlockAll(targets, { ...watch, force }),
    ),
  document: documentOfServices,
  exitCode: exitOfServices,
});
