import { z } from "zod";

/** Groups of changes, what can hurt first. `grouping`: components of ours, nothing at a vendor. */
export const GROUPS = [
  "delete",
  "replace",
  "protection",
  "apex",
  "domain",
  "secret",
  "release",
  "update",
  "create",
  "grouping",
] as const;

const count = z.int().min(0);

const counts = z.object({ created: count, changed: count, replaced: count, deleted: count, unchanged: count });

const property = z
  .object({
    path: z.string().describe("property path as the engine writes it"),
    kind: z.string().describe("add, update or delete; with -replace when it makes the engine replace the resource"),
    old: z.string().optional().describe("canonical JSON, bounded; [secret] and [unknown] stand for such values"),
    new: z.string().optional(),
  })
  .describe("one property that differs");

const change = z
  .object({
    group: z.enum(GROUPS).describe("why it stands where it stands"),
    stack: z.string(),
    op: z.string().describe("create, update, replace, delete, import, … as the engine names it"),
    type: z.string().describe("Pulumi type, e.g. random:index/randomPassword:RandomPassword"),
    name: z.string().describe("logical name"),
    urn: z.string(),
    parent: z.string().optional().describe("the component it belongs to: site, zone or service"),
    id: z.string().optional().describe("the vendor's id of what is there now"),
    keys: z.array(z.string()).optional().describe("properties that make the engine replace it"),
    protect: z.literal(true).optional().describe("the engine refuses to delete or replace it"),
    component: z.literal(true).optional().describe("a grouping of ours, nothing at a vendor"),
    channel: z
      .string()
      .optional()
      .describe("of a release: the channel that declares its commit; not part of the digest"),
    cause: z
      .enum(["code", "drift", "both"])
      .optional()
      .describe("with --refresh: the declaration has changed, what is live has, or both; not part of the digest"),
    diffs: z.array(property),
  })
  .describe("one operation on one resource");

/** The shape of a change set document, from which its JSON Schema is generated. */
export const changeSetShape = z.object({
  version: z.literal(1),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("sha-256 over target, changed stacks and changes; equal on every machine"),
  target: z.string().optional().describe("what the stacks' names stand for, e.g. sandbox"),
  createdAt: z.string().describe("time, ISO 8601; not part of the digest"),
  complete: z.boolean().describe("every stack of the run was reached and none failed"),
  total: counts,
  stacks: z.array(
    z.object({
      stack: z.string(),
      ok: z.boolean(),
      desired: z.string().optional().describe("digest of the desired state that its program declared"),
      counts,
    }),
  ),
  types: z.array(z.object({ type: z.string(), counts: counts.omit({ unchanged: true }) })),
  groups: z.array(z.object({ group: z.enum(GROUPS), changes: count })).describe("groups with changes, in rank"),
  changes: z.array(change).describe("ranked: what can hurt stands first"),
  notes: z
    .array(
      z.object({
        stack: z.string(),
        subject: z.string().describe("logical name of a component"),
        level: z.enum(["info", "warning"]),
        text: z.string(),
      }),
    )
    .optional()
    .describe("what components say, e.g. the file plan of a service; as the hosts were, so not part of the digest"),
  warnings: z.array(z.object({ message: z.string(), stacks: z.array(z.string()) })),
  errors: z.array(z.object({ message: z.string(), stacks: z.array(z.string()) })),
  undo: z
    .object({
      answer: z.enum(["yes", "with-loss"]),
      reasons: z.array(z.object({ reason: z.string(), changes: count, examples: z.array(z.string()) })),
    })
    .optional()
    .describe(
      "can it be rolled back: what would not come back, and how many changes that is about; not part of the digest",
    ),
  cost: z
    .object({
      builds: count.describe("projects whose release is built, at most"),
      amount: z.number().optional().describe("what the builds cost once; absent = it depends on use, see dependsOn"),
      currency: z.string().describe("currency of amount"),
      inAccount: z
        .object({ amount: z.number(), currency: z.string() })
        .optional()
        .describe("the same at the dated rate"),
      monthly: z
        .object({ projects: z.int(), amount: z.number(), currency: z.string() })
        .describe("projects more or fewer, and what they add a month that is fixed"),
      dependsOn: z.array(z.string()).describe("drivers whose use is not known: never 0"),
      on: z.string().describe("day of the prices"),
      sentences: z.array(z.string()),
    })
    .optional()
    .describe("what it costs by prices.yaml; not part of the digest"),
  preflight: z
    .array(
      z.object({
        rule: z.string().describe("id, see docs/reference/preflight.md"),
        scope: z.string().describe("estate, a zone or a stack"),
        severity: z.enum(["refuse", "inform"]),
        sentence: z.string(),
        figures: z
          .object({
            there: count,
            deleted: count,
            replaced: count,
            updated: count,
            percent: z.number(),
            limit: z.number().optional(),
            floor: z.number().optional(),
          })
          .optional(),
        examples: z.array(z.string()),
        safeguard: z.string().optional().describe("what lifts it: --allow NAME"),
        lifted: z.boolean().optional(),
        wayOn: z.array(z.string()).optional(),
      }),
    )
    .optional()
    .describe("what a run that does this would be told before it starts; not part of the digest"),
  gates: z
    .object({
      asks: z.boolean().describe("approvers are declared, so that approvals are asked for"),
      verdicts: z.array(
        z.object({
          rule: z.string().describe("id, see docs/reference/gates.md"),
          severity: z.enum(["inform", "approve", "stop"]),
          sentence: z.string(),
          area: z.string(),
          approvals: count,
          examples: z.array(z.string()),
          unknown: z.literal(true).optional(),
          lifted: z.literal(true).optional(),
        }),
      ),
    })
    .optional()
    .describe("what the rules of gates.yaml say of a run that does this; not part of the digest"),
  unopened: z
    .array(z.object({ stack: z.string(), reason: z.string(), planned: z.boolean() }))
    .describe("stacks that were not looked at; planned: since they cannot have changes, else the set is not complete"),
});

/** What a preview found over all stacks. */
export type ChangeSet = z.infer<typeof changeSetShape>;
/** One operation on one resource. */
export type Change = ChangeSet["changes"][number];
/** What a component says. */
export type Note = NonNullable<ChangeSet["notes"]>[number];
/** Why a change stands where it stands. */
export type Group = Change["group"];

/** The JSON Schema (2020-12) of a change set document, as text. */
export function changeSetJsonSchema(): string {
  const schema = z.toJSONSchema(changeSetShape, { io: "input", target: "draft-2020-12" });
  return `${JSON.stringify({ title: "A change set of sitefleet", ...schema }, null, 2)}\n`;
}
