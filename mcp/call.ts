import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { ownStore, stateStore } from "../fleet/backend/store/state-store.ts";
import { type ChangeSet, writeDocument } from "../fleet/change-set/index.ts";
import { keptRequest } from "../fleet/gates/index.ts";
import type { Estate } from "../operations/kit/estate.ts";
import { perform } from "../operations/kit/operation.ts";
import { roleOf } from "../vendors/index.ts";
import type { SessionBudget } from "./limits.ts";
import type { OperationTool } from "./tools.ts";

const DIGEST = z.string().regex(/^[0-9a-f]{64}$/);
const digestField = DIGEST.describe("the digest that request_approval gave, and that a person has signed");

/** What a tool takes: the fields of its operation that an agent may give, and no other. Pure. */
export function inputOf({ operation, takes, kind, name }: OperationTool): z.ZodObject {
  const shape = Object.fromEntries(takes.map((field) => [field, operation.input.shape[field] as z.ZodType]));
  // A rollback makes its own request when it is begun.
  const digest = kind === "run" ? { digest: name === "rollback" ? digestField.optional() : digestField } : {};
  return z.strictObject({ ...shape, ...digest });
}

/** What went wrong, and the request that waits for a person. */
export interface Waiting {
  readonly digest: string;
  readonly file: string;
}

/** What a call came to. */
export interface Called {
  readonly document: unknown;
  readonly exitCode: number;
}

/** Thrown beside the operation's own error where a request waits for a person. */
export class Waits extends Error {
  readonly waiting: Waiting;
  constructor(error: unknown, waiting: Waiting) {
    super("a request waits for a person", { cause: error });
    this.waiting = waiting;
  }
}

/**
 * Carries a tool's operation out in the environment of the session. A run is carried out only where the gates have let exactly the digest
 * pass that was named, by a person's signature.
 *
 * @throws SitefleetError those of the operation, `mcp.budget`, `mcp.unrequested`; {@link Waits} where a request was written
 */
export async function callOperation(
  tool: OperationTool,
  given: Readonly<Record<string, unknown>>,
  { estate, signal, budget }: { readonly estate: Estate; readonly signal: AbortSignal; readonly budget: SessionBudget },
): Promise<Called> {
  const { digest, ...input } = given;
  const { operation, kind } = tool;
  let waiting: Waiting | undefined;
  const emit = (event: unknown) => {
    const told = event as { event: string; digest?: string; outcome?: string; request?: string; approvers?: unknown[] };
    if (told.event === "approval-waiting" && kind === "run")
      waiting = writeRequest(estate.catalogDir, told.digest ?? "", told.request ?? "");
    if (told.event === "gates-decided" && told.outcome === "passed" && kind === "run") refuseOther(told, digest);
  };
  const refund = kind === "run" ? await pay(tool, digest, budget) : () => {};
  try {
    const { document, exitCode } = await perform(operation, input as never, { estate, signal, emit: emit as never });
    return { document, exitCode };
  } catch (error) {
    if (error instanceof SitefleetError && /^(approval|gate|preflight|usage|preview)/.test(error.code)) refund();
    throw waiting === undefined ? error : new Waits(error, waiting);
  }
}

/** The gates passed: was it by a person, and is it what the agent was to carry out? Nothing was changed yet. @throws SitefleetError `approval.differs`, `approval.agent` */
function refuseOther({ digest, approvers = [] }: { digest?: string; approvers?: unknown[] }, asked: unknown): void {
  if (approvers.length === 0)
    throw new SitefleetError({ code: "approval.agent", message: "no person has approved this; nothing was changed" });
  if (asked === undefined || digest === asked) return;
  throw new SitefleetError({
    code: "approval.differs",
    message: "what would be done is not what was named; nothing was changed",
    subject: digest?.slice(0, 12) ?? "",
    hint: "request_approval makes a request for what would be done now",
  });
}

/** Takes a run's cost out of the session's budget. @returns what gives it back */
async function pay({ name }: OperationTool, digest: unknown, budget: SessionBudget): Promise<() => void> {
  if (name === "rollback" && digest === undefined) return () => {};
  const kept = await keptRequest(ownStore(stateDir(environment()), await stateStore()), DIGEST.parse(digest));
  if (kept === undefined)
    throw new SitefleetError({
      code: "mcp.unrequested",
      message: "this estate has made no request with this digest",
      subject: String(digest).slice(0, 12),
      hint: "request_approval makes one, and gives its digest",
    });
  return budget.spend(name === "rollback" ? 0 : eurosOf(kept.set));
}

/** What the builds of a change set cost, in euros; undefined: not known. Pure. */
export function eurosOf(set: ChangeSet | undefined): number | undefined {
  if (set === undefined) return undefined;
  const builds = set.changes.some(
    ({ type, op, component }) => !component && op !== "delete" && roleOf(type) === "release",
  );
  if (!builds) return 0;
  const { inAccount, amount, currency } = set.cost ?? {};
  if (inAccount?.currency === "EUR") return inAccount.amount;
  return currency === "EUR" ? amount : undefined;
}

/** Writes a request for people, beside the approvals. */
function writeRequest(catalogDir: string, digest: string, text: string): Waiting {
  const dir = join(resolve(catalogDir), "..", "approvals", "requests");
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${DIGEST.parse(digest)}.yaml`);
  writeDocument(file, text);
  return { digest, file };
}
