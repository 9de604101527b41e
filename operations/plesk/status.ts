import { z } from "zod";
import { type ServiceStatus, status } from "../../plesk/index.ts";
import { defineOperation, type Tools } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { type ServiceEvent, serviceEvent } from "./services/events.ts";
import { servicesFields } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openTargets } from "./services/targets.ts";

const release = z.object({
  id: z.string(),
  goodAt: z.string().nullable().describe("when it was last found good, ISO 8601; null when never"),
  live: z.boolean(),
  previous: z.boolean().describe("live before the live one"),
  bad: z.boolean().describe("taken back; deploy refuses it"),
  usable: z.boolean().describe("it can be made live"),
});

const output = servicesDocument<ServiceStatus>({
  path: z.string(),
  docroot: z.string(),
  live: z.string().nullable(),
  serves: z.object({ kind: z.string(), what: z.string().nullable() }).describe("what visitors get"),
  rollbackTo: z.string().nullable().describe("where a rollback without `to` would go"),
  obstacles: z
    .array(z.object({ message: z.string(), hint: z.string() }))
    .describe("why every deployment and rollback would refuse"),
  leftovers: z.array(z.string()).describe("deleted releases that are not gone altogether"),
  releases: z.array(release).describe("newest first"),
  snapshots: z.array(z.object({ name: z.string(), bytes: z.number() })).describe("newest first"),
  locks: z.array(z.object({ holder: z.string(), expires: z.string().describe("ISO 8601") })),
  pending: z.boolean().describe("a run was cut off; the next one puts back first"),
});

const input = z.object(servicesFields());

async function ask(
  { service }: z.output<typeof input>,
  tools: Tools<ServiceEvent>,
): Promise<OfServices<ServiceStatus>> {
  return overServices(tools, await openTargets(tools, service), status);
}

/** What the hosts serve. */
export const pleskStatus = defineOperation({
  name: "plesk status",
  summary: "what is live, what could be, who holds a lock. Reads only.",
  changes: false,
  input,
  events: serviceEvent,
  output,
  run: ask,
  document: documentOfServices,
  exitCode: exitOfServices,
});

/** What a rollback could go to. */
export const pleskReleases = defineOperation({
  name: "plesk releases",
  summary: "releases that lie on the hosts, newest first, and snapshots of databases. Reads only.",
  changes: false,
  input,
  events: serviceEvent,
  output,
  run: ask,
  document: documentOfServices,
  exitCode: exitOfServices,
});
