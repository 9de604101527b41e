import { z } from "zod";
import { figuresSchema, verdictSchema } from "../backend/journal/verdict.ts";

const count = z.int().min(0);
const text = z.string();
const countsSchema = z.object({ created: count, changed: count, replaced: count, deleted: count, unchanged: count });

const kinds = [
  z.object({
    event: z.literal("started"),
    operation: text,
    by: text,
    target: text,
    total: count,
    /** What is carried out, 40 hex digits; absent outside of git and where the catalog has changes that are in no commit. */
    commit: text.optional(),
    /** Names the jobs that belong together. */
    group: text.optional(),
  }),
  /** Stacks that were not expected at the beginning, e.g. those that go back. */
  z.object({ event: z.literal("more"), stacks: count }),
  z.object({ event: z.literal("stack-started"), stack: text }),
  z.object({
    event: z.literal("stack-ended"),
    stack: text,
    ok: z.boolean(),
    counts: countsSchema,
    errors: z.array(text),
    milliseconds: z.number().optional(),
    /** Objects that were changed, by what they are to the estate. */
    roles: z.record(text, z.object({ done: count, failed: count })).optional(),
    /** The first of what was changed. */
    names: z.array(text).optional(),
  }),
  z.object({
    event: z.literal("findings"),
    findings: z.array(z.object({ rule: text, scope: text, severity: text, sentence: text })),
  }),
  z.object({
    event: z.literal("gates-decided"),
    outcome: text,
    sentences: z.array(text),
    approvers: z.array(text).optional(),
    why: text.optional(),
  }),
  z.object({ event: z.literal("approval-waiting"), digest: text, how: text, review: text.optional() }),
  z.object({ event: z.literal("approved"), digest: text, approvers: z.array(text), run: text }),
  z.object({ event: z.literal("wave-started"), wave: text }),
  z.object({ event: z.literal("wave-passed"), wave: text, reason: text, figures: figuresSchema.optional() }),
  z.object({ event: z.literal("wave-failed"), wave: text, reason: text }),
  z.object({ event: z.literal("paused"), reason: text, by: text }),
  z.object({ event: z.literal("resumed"), by: text }),
  z.object({
    event: z.literal("judged"),
    verdict: verdictSchema,
    reason: text,
    figures: figuresSchema.optional(),
    wave: text.optional(),
  }),
  z.object({
    event: z.literal("went-back"),
    ok: z.boolean(),
    what: text,
    /** Services that have their earlier release again; absent where sites went back. */
    services: z.array(text).optional(),
  }),
  z.object({
    event: z.literal("flow"),
    flow: text,
    service: text,
    state: text,
    reason: text,
    /** Files on the machine of the run. */
    evidence: z.array(text),
  }),
  z.object({ event: z.literal("escalated"), reason: text, done: text, figures: figuresSchema.optional() }),
  z.object({ event: z.literal("drift"), changes: count, examples: z.array(text) }),
  z.object({
    event: z.literal("incident"),
    id: text,
    rule: text,
    scope: text,
    change: z.enum(["raised", "repeated", "acknowledged", "closed"]),
    sentence: text,
  }),
  z.object({ event: z.literal("notice"), text }),
  z.object({
    event: z.literal("ended"),
    ok: z.boolean(),
    exitCode: z.int(),
    run: text.optional(),
    rollout: text.optional(),
    code: text.optional(),
    reason: text.optional(),
    milliseconds: z.number(),
  }),
] as const;

/** Something that happened in a run, as it is kept. Texts are one line, without secrets, and hold nothing that forges a message. */
const runEvent = z.discriminatedUnion("event", [...kinds]);
/** See {@link runEvent}. */
export type RunEvent = z.infer<typeof runEvent>;

/** A line of a stream. `at`: ISO 8601; `seq`: from 1 on, without gaps but for those that were left out. */
export const entrySchema = z.intersection(z.object({ at: z.string(), seq: count }), runEvent);
/** See {@link entrySchema}. */
export type RunEntry = z.infer<typeof entrySchema>;
