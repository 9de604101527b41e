import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { writeDocument } from "../fleet/change-set/index.ts";
import { PLESK_STACK } from "../stacks/names.ts";
import { type Requested, requestFor } from "./fleet/gate-run.ts";
import { previewOver, sessionFor } from "./fleet/over.ts";
import { fleetEvent } from "./kit/events.ts";
import { fleetFields } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation, type Tools } from "./kit/operation.ts";
import { openDeployment, previewDeployment } from "./plesk/deploy.ts";
import { plannedRollout, servicesOf } from "./rollout/plan.ts";

/** Folder beside the catalog in which requests wait for people; approvals are looked for in the one above it. */
const FOLDER = join("approvals", "requests");
/** Changes that are told; the request has the worst of them. */
const TOLD = 50;

/** A request that was written for a person. */
interface Written extends Requested {
  readonly file: string;
}

/** Previews what a run would do, and writes the request that a person reads and signs. It signs nothing and carries nothing out. */
export const approvalRequest = defineOperation({
  name: "approval request",
  summary: "preview what a run would do and write the request that a person reads and signs; nothing is carried out",
  changes: true,
  input: z.object({
    ...fleetFields(),
    operation: flag(
      z.enum(["up", "rollout", "plesk deploy"]).default("up"),
      "--operation <name>",
      "what the request is for: up, rollout or plesk deploy; a rollback makes its own when it is begun (default: up)",
    ),
    service: flag(
      z.array(z.string()).optional(),
      "--service <key>",
      "of plesk deploy: this service; may be given several times",
    ),
  }),
  events: fleetEvent,
  output: z.object({
    asked: z.boolean().describe("a request was written; false: nothing changes, or no rule asks"),
    digest: z.string().optional().describe("what is approved, and what the run is given"),
    file: z.string().optional().describe("what an approver signs: sitefleet approve --request FILE"),
    asks: z.array(z.object({ rule: z.string(), says: z.string(), area: z.string(), approvals: z.int() })),
    total: z
      .object({ created: z.int(), changed: z.int(), replaced: z.int(), deleted: z.int(), unchanged: z.int() })
      .optional(),
    changes: z.array(z.object({ op: z.string(), type: z.string(), name: z.string(), stack: z.string() })),
    cost: z.array(z.string()).describe("what it costs, in words"),
  }),
  async run(input, tools): Promise<Written | undefined> {
    const found = await requested(tools, input);
    if (found === undefined) return undefined;
    const dir = join(resolve(tools.estate.catalogDir), "..", FOLDER);
    const file = join(dir, `${found.set.digest}.yaml`);
    if (!existsSync(dir)) mkdirSync(dir, { recursive: true });
    writeDocument(file, found.text);
    return { ...found, file };
  },
  document: (found) => ({
    asked: found !== undefined,
    digest: found?.set.digest,
    file: found?.file,
    asks: (found?.asks ?? []).map(({ rule, sentence, area, approvals }) => ({ rule, says: sentence, area, approvals })),
    total: found?.set.total,
    changes: (found?.set.changes ?? [])
      .filter(({ component }) => !component)
      .slice(0, TOLD)
      .map(({ op, type, name, stack }) => ({ op, type, name, stack })),
    cost: found?.set.cost?.sentences ?? [],
  }),
});

type Input = z.output<typeof approvalRequest.input>;
type FleetTools = Tools<z.input<typeof fleetEvent>>;

/** @throws SitefleetError as the run itself, before it changes anything */
async function requested(tools: FleetTools, { operation, service, ...input }: Input): Promise<Requested | undefined> {
  const common = { operation, input: {}, emit: tools.emit };
  if (operation === "plesk deploy") {
    const opened = await openDeployment(tools.estate, { service });
    const { session, services } = opened;
    const preview = () => previewDeployment(tools, opened);
    return requestFor({ ...common, session, stacks: [PLESK_STACK], services, preview });
  }
  const session = await sessionFor(tools.estate, input);
  const record = operation === "rollout" ? await plannedRollout(tools, session) : undefined;
  const services = record && servicesOf(record);
  const stacks = operation === "rollout" ? Object.keys(record?.target ?? {}) : session.open;
  const open = { ...session, open: stacks };
  const preview = () => previewOver(tools, input, open, { services });
  return requestFor({ ...common, session: open, stacks, services, preview });
}
