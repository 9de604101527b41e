import { z } from "zod";
import type { Holder } from "../../fleet/backend/locks/locks.ts";
import type { JobResult } from "../../fleet/engine/job.ts";
import type { Counts, Step } from "../../fleet/engine/outcome.ts";
import type { RepairReport } from "../../fleet/engine/repair-report.ts";
import type { Verdict } from "../../fleet/gates/index.ts";
import type { SettleEvent } from "../../fleet/releases/health-gate/index.ts";
import type { RolloutEvent } from "../../fleet/releases/rollout/index.ts";
import type { Finding } from "../../fleet/run/preflight/index.ts";
import { proofEvents } from "./proof-events.ts";

/** A schema for a type that the fleet owns: checked as far as readers of events rely on it, typed as the owner has it. */
export const owned = <Value>(schema: z.ZodType): z.ZodType<Value, Value> =>
  schema as unknown as z.ZodType<Value, Value>;

/** The events of an operation that tells nothing while it goes on. */
export const noEvents = z.never();

const count = z.int().min(0);
const stack = z.string().describe("name of the stack");

/** Counts of a stack, see `Counts`. */
export const countsSchema = owned<Counts>(
  z.object({ created: count, changed: count, replaced: count, deleted: count, unchanged: count }),
);

/** Who holds a lock. */
const holderSchema = owned<Holder>(z.looseObject({ user: z.string(), host: z.string(), pid: z.int() }));

/** What the preflight found. */
const findingSchema = owned<Finding>(
  z.looseObject({
    rule: z.string().describe("id of the rule, e.g. mass-delete.site"),
    scope: z.string().describe("estate, a zone or a stack"),
    severity: z.enum(["refuse", "inform"]),
    sentence: z.string(),
    examples: z.array(z.string()),
  }),
);

/** What a repair did. */
const repairSchema = owned<RepairReport>(
  z.looseObject({ stack: z.string(), ok: z.boolean(), resources: z.array(z.looseObject({ urn: z.string() })) }),
);

/** How work over stacks goes on. `total` of `begun` and `more`: stacks. */
const progressEvents = [
  z.object({ event: z.literal("begun"), total: count }),
  z.object({ event: z.literal("more"), stacks: count }),
  z.object({ event: z.literal("stack-started"), stack }),
  z.object({
    event: z.literal("step"),
    stack,
    step: owned<Step>(z.looseObject({ op: z.string(), urn: z.string(), type: z.string(), name: z.string() })),
  }),
  z.object({ event: z.literal("step-ended"), stack, urn: z.string() }),
  z.object({
    event: z.literal("stack-ended"),
    stack,
    ok: z.boolean(),
    counts: countsSchema,
    milliseconds: z.number(),
    errors: z.array(z.string()),
  }),
  z.object({ event: z.literal("done") }),
] as const;

/** What runs over stacks tell beside their progress. */
const runEvents = [
  z.object({ event: z.literal("lock-waiting"), stack, holder: holderSchema }),
  z.object({ event: z.literal("repaired"), report: repairSchema }),
  z.object({ event: z.literal("findings"), findings: z.array(findingSchema) }),
  z.object({ event: z.literal("notice"), text: z.string() }),
  z.object({ event: z.literal("would-refuse"), reason: z.string() }),
  z.object({ event: z.literal("resumed"), run: z.string(), left: count, stacks: count }),
  z.object({ event: z.literal("rollout-unfinished"), rollout: z.string(), status: z.string() }),
  z.object({ event: z.literal("reviewing") }),
  z.object({ event: z.literal("judging-late"), run: z.string(), now: z.boolean() }),
  z.object({ event: z.literal("stays"), resources: z.array(z.object({ name: z.string(), reason: z.string() })) }),
  z.object({
    event: z.literal("settling"),
    what: owned<SettleEvent>(z.looseObject({ event: z.string() })),
  }),
  z.object({
    event: z.literal("planned"),
    strategy: z.string(),
    reason: z.string(),
    seconds: z.number(),
    limit: z
      .object({ key: z.string(), amount: z.number(), perSeconds: z.number().nullable(), need: z.number() })
      .optional(),
  }),
  z.object({
    event: z.literal("budget-waiting"),
    stack,
    key: z.string(),
    until: z.number().describe("ms since 1970; infinite when another stack must give it back"),
  }),
  z.object({ event: z.literal("calls-waiting"), vendor: z.string(), key: z.string(), seconds: z.number().optional() }),
] as const;

const by = z.string().describe("user");

/** What rollouts and rollbacks tell beside that. */
const releaseEvents = [
  z.object({ event: z.literal("left"), stack, reason: z.string().describe("why it does not go back") }),
  z.object({
    event: z.literal("rollout"),
    what: owned<RolloutEvent>(z.looseObject({ event: z.string() })),
  }),
  z.object({ event: z.literal("turn-waiting"), holder: holderSchema }),
  z.object({
    event: z.literal("asked"),
    holder: holderSchema.optional().describe("who carries the rollout out, and will do it"),
  }),
  z.object({
    event: z.literal("request-dropped"),
    by,
    want: z.string(),
    instead: z.string().describe("what is done in place of that"),
  }),
] as const;

const verdictSchema = z.looseObject({
  rule: z.string().describe("id, see docs/reference/gates.md"),
  severity: z.enum(["inform", "approve", "stop"]),
  sentence: z.string(),
  area: z.string(),
  approvals: count,
});
const decision = { operation: z.string(), digest: z.string().describe("of what would be done") };

/** What the gates say, and how a yes comes and is used. */
const gateEvents = [
  z.object({
    event: z.literal("gates-decided"),
    ...decision,
    outcome: z.enum(["passed", "stopped", "waiting"]),
    verdicts: z.array(owned<Verdict>(verdictSchema)),
    approvers: z.array(z.string()).describe("whose yes it has"),
    by: z.string().describe("who runs it"),
    why: z.string().optional().describe("the reason for which a rule is lifted"),
    asks: z.boolean().describe("approvers are declared, so that approvals are asked for"),
    notes: z.array(z.string()),
  }),
  z.object({
    event: z.literal("approval-waiting"),
    ...decision,
    estate: z.string(),
    sentences: z.array(z.string()).describe("the rules that ask, with their figures"),
    request: z.string().describe("the text to be signed"),
    review: z
      .object({ repository: z.string(), text: z.string() })
      .optional()
      .describe("a review there whose first line is this text counts as well"),
  }),
  z.object({ event: z.literal("approval-spent"), ...decision, run: z.string(), approvers: z.array(z.string()) }),
] as const;

/** Everything that work over stacks can tell. */
export const fleetEvent = z.discriminatedUnion("event", [
  ...progressEvents,
  ...runEvents,
  ...releaseEvents,
  ...gateEvents,
  ...proofEvents,
]);
/** See {@link fleetEvent}. */
export type FleetEvent = z.infer<typeof fleetEvent>;

/** The part of a result that its event has. Pure. */
export const stackEnded = ({ stack, ok, counts, milliseconds, errors }: JobResult): FleetEvent => ({
  event: "stack-ended",
  stack,
  ok,
  counts,
  milliseconds,
  errors: [...errors],
});
