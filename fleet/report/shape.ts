import { z } from "zod";

const count = z.int().min(0);
const text = z.string();

/** How a run stands. `waiting`: nothing failed, and a person or a later run goes on. `open`: no end is known: it goes on, or was killed. */
const outcomeSchema = z.enum(["done", "waiting", "open", "failed"]);
/** See {@link outcomeSchema}. */
export type Outcome = z.infer<typeof outcomeSchema>;

const countsSchema = z.object({ created: count, changed: count, replaced: count, deleted: count });

const stackSchema = z.object({
  stack: text,
  ok: z.boolean(),
  ...countsSchema.shape,
  milliseconds: z.number().optional(),
  names: z.array(text).describe("the first of what was changed"),
  errors: z.array(text),
});

const waveSchema = z.object({
  wave: text,
  state: z.enum(["passed", "failed", "open"]),
  reason: text,
  seconds: z.number().optional().describe("from its beginning to its judgement; absent while it has none"),
});

const checkSchema = z.object({
  wave: text.optional(),
  verdict: z.enum(["pass", "fail", "inconclusive"]),
  reason: text,
  sites: count.optional(),
  failed: count.optional(),
  inconclusive: count.optional(),
  p95Ms: z.number().optional(),
});

/** The figures of a run: what trends are made of. Absent: not measured, which is not zero. */
export const figuresSchema = z.object({
  run: text,
  date: text.describe("ISO 8601, when it began"),
  outcome: outcomeSchema,
  minutes: z.number().optional().describe("from its beginning to its end"),
  stacks: count,
  failedStacks: count,
  services: count.optional().describe("deployed; absent where none was touched"),
  failedServices: count.optional(),
  wentBack: count.describe("times that something went back"),
  answeredPercent: z.number().optional().describe("sites that answered as declared, of those that were judged"),
  errorPercent: z.number().optional().describe("sites that fail, of those that were judged"),
  p95Ms: z.number().optional(),
});
/** See {@link figuresSchema}. */
export type RunFigures = z.infer<typeof figuresSchema>;

const targetSchema = z.object({
  name: text,
  target: text,
  value: text.nullable().describe("null: not measured"),
  met: z.boolean().nullable().describe("null: not known"),
});

/** What a run came to: computed from the events that it kept, and from nothing else. */
export const reportSchema = z.object({
  run: text.describe("the id that the report was asked for by: of a stream, or of jobs that belong together"),
  outcome: outcomeSchema,
  target: text,
  commits: z.array(text),
  startedAt: text,
  endedAt: text.nullable().describe("null: no end is known"),
  lastAt: text.describe("the last that was heard of it"),
  jobs: z.array(
    z.object({
      stream: text,
      operation: text,
      by: text,
      startedAt: text,
      milliseconds: z.number().nullable(),
      outcome: outcomeSchema,
      run: text.optional().describe("its journal's id"),
      rollout: text.optional(),
      reason: text.optional().describe("why it ended as it did"),
    }),
  ),
  approvals: z.array(z.object({ digest: text, approvers: z.array(text) })),
  gates: z.array(z.object({ outcome: text, sentences: z.array(text), approvers: z.array(text), why: text.optional() })),
  findings: z.array(text).describe("of the preflight"),
  total: countsSchema,
  roles: z.record(text, z.object({ done: count, failed: count })),
  stacks: z.array(stackSchema).describe("in the order in which they ended; one that goes back stands there twice"),
  waves: z.array(waveSchema),
  checks: z.array(checkSchema),
  flows: z.array(z.object({ flow: text, service: text, state: text, reason: text, evidence: z.array(text) })),
  wentBack: z.array(z.object({ ok: z.boolean(), what: text })),
  escalated: z.array(z.object({ reason: text, done: text })),
  paused: z.array(z.object({ reason: text, by: text })),
  incidents: z.array(z.object({ id: text, rule: text, scope: text, change: text, sentence: text })),
  figures: figuresSchema,
  targets: z.array(targetSchema),
  trend: z.array(figuresSchema).describe("earlier runs, the oldest first"),
});
/** See {@link reportSchema}. */
export type Report = z.infer<typeof reportSchema>;
