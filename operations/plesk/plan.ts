import { z } from "zod";
import { type PlanResult, planAll } from "../../plesk/index.ts";
import { defineOperation } from "../kit/operation.ts";
import { documentOfServices, servicesDocument } from "./services/document.ts";
import { serviceEvent } from "./services/events.ts";
import { servicesFields } from "./services/fields.ts";
import { exitOfServices, type OfServices, overServices } from "./services/over.ts";
import { openDocuments } from "./services/targets.ts";

const count = z.int().min(0);
const change = z.array(z.string()).describe("the first changes by path, each with `+`, `~` or `-` before it");

/** What a deployment of the built artifacts would do, asked of the hosts alone. */
export const pleskPlan = defineOperation({
  name: "plesk plan",
  summary: "what a deployment would do: files, migrations, snapshots, refusals. Reads only, without the engine.",
  changes: false,
  input: z.object(servicesFields()),
  events: serviceEvent,
  output: servicesDocument<PlanResult>({
    action: z.literal("plan"),
    release: z.string().describe("release that would be live"),
    attestation: z
      .looseObject({ builder: z.string() })
      .nullable()
      .describe("what the files beside the artifact attest"),
    live: z.string().nullable(),
    pending: z.boolean().describe("a run was cut off: what it left is put back, or finished, first"),
    outcome: z.enum(["unchanged", "switch", "release"]),
    converts: z.boolean().describe("a real document root would be made a release"),
    created: count,
    changed: count,
    deleted: count,
    bytes: count.describe("of created and changed files"),
    items: change,
    more: count.describe("changes that are not in `items`"),
    leftOut: z.array(z.object({ pattern: z.string(), files: count })).describe("what each pattern leaves out"),
    written: change.describe("what was written through the document root since the deployment"),
    moreWritten: count,
    offers: z.array(z.string()).describe("what to declare as `shared` so that it stays"),
    shares: z.array(z.object({ path: z.string(), how: z.enum(["move", "merge", "link"]), panel: z.boolean() })),
    host: z.object({
      profile: z.string(),
      shell: z.string(),
      tools: z.array(z.string()),
      writable: z.boolean(),
      sameFileSystem: z.boolean().nullable(),
      freeBytes: z.number().nullable(),
    }),
    run: z.array(z.string()).describe("steps that would run on the host"),
    migrations: z.union([z.literal("unknown"), z.array(z.object({ name: z.string(), reversible: z.boolean() }))]),
    database: z
      .looseObject({ from: z.string(), to: z.string(), bytes: z.number().nullable() })
      .nullable()
      .describe("the service gets another database than it has"),
    snapshot: z.string().nullable().describe("database of which a snapshot would be taken"),
    restoreSeconds: z.number().nullable(),
    estimatedBy: z.enum(["snapshot", "size"]).nullable(),
    refusals: z
      .array(z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }))
      .describe("why a deployment would refuse"),
    locks: z.array(z.string()).describe("who deploys at the moment"),
    steps: z.record(z.string(), z.number()).describe("milliseconds"),
  }),
  run: async ({ service }, tools): Promise<OfServices<PlanResult>> =>
    overServices(tools, await openDocuments(tools, service), planAll),
  document: documentOfServices,
  exitCode: (done) => exitOfServices(done) || (refusedPlans(done).length > 0 ? 1 : 0),
});

/** Plans of deployments that would be refused. Pure. */
export const refusedPlans = ({ outcomes }: OfServices<PlanResult>): PlanResult[] =>
  outcomes.flatMap((outcome) => (outcome.ok && outcome.value.refusals.length > 0 ? [outcome.value] : []));
