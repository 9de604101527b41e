import { z } from "zod";
import { type PermissionsResult, permissions } from "../../plesk/index.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { servicesFields } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";

/** Modes of the live releases. */
export const pleskPermissions = defineOperation({
  name: "plesk permissions",
  summary: "check the modes of the live releases: files 644 (programs 755), directories 755",
  changes: true,
  input: z.object({
    ...servicesFields(),
    repair: flag(z.boolean().optional(), "--repair", "set them right; touches nothing outside the live release"),
  }),
  events: serviceEvent,
  output: servicesDocument<PermissionsResult>({
    wrong: z.int().min(0),
    paths: z.array(z.string()).describe("the first hundred, as `mode path`"),
    repaired: z.boolean(),
  }),
  run: async ({ service, repair = false }, tools): Promise<OfServices<PermissionsResult>> =>
    overServices(tools, await openTargets(tools, service), (targets, watch) =>
      permissions(targets, { ...watch, repair }),
    ),
  document: documentOfServices,
  exitCode: (done) => exitOfServices(done) || (done.outcomes.some(isWrong) ? 1 : 0),
});

const isWrong = (outcome: OfServices<PermissionsResult>["outcomes"][number]): boolean =>
  outcome.ok && outcome.value.wrong > 0 && !outcome.value.repaired;
