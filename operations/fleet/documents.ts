import { z } from "zod";
import { changeSetShape } from "../../fleet/change-set/index.ts";
import type { Step } from "../../fleet/engine/outcome.ts";
import type { Summary } from "../../fleet/run/summary.ts";
import { countsSchema, owned } from "../kit/events.ts";

const stack = z.string();
const count = z.int().min(0);
const seconds = z.number();

/** The figures of a run, see `summarise`. */
export const summaryFields = {
  total: countsSchema.describe("changes over all stacks"),
  byStack: owned<Summary["byStack"]>(
    z.array(z.object({ stack, ok: z.boolean(), counts: countsSchema, seconds, attempts: count.optional() })),
  ),
  byType: owned<Summary["byType"]>(
    z.array(
      z.object({
        type: z.string().describe("Pulumi type"),
        counts: z.object({ created: count, changed: count, replaced: count, deleted: count }),
      }),
    ),
  ),
  failed: owned<Summary["failed"]>(z.array(z.object({ stack, errors: z.array(z.string()) }))),
  skipped: owned<Summary["skipped"]>(
    z
      .array(z.object({ stack, reason: z.string(), later: z.boolean().optional() }))
      .describe("stacks that were not started; later: nothing is wrong with them"),
  ),
  seconds,
};

/** What of the estate was not opened, and why the rest was. */
const openedFields = {
  unopened: z.array(stack).describe("stacks that were not opened, since they are as declared"),
};

/** What `preview --json` prints. */
export const previewDocument = z.object({
  ok: z.boolean(),
  digest: z.string().describe("of the change set"),
  ...summaryFields,
  ...openedFields,
  reasons: z.record(z.string(), z.string()).describe("why each of the others was opened"),
  steps: owned<readonly (Step & { readonly stack: string })[]>(
    z.array(
      z.looseObject({
        stack,
        op: z.string(),
        urn: z.string(),
        type: z.string(),
        name: z.string(),
        diffs: z.array(z.unknown()),
      }),
    ),
  ),
  notes: z.array(z.looseObject({ stack, subject: z.string(), level: z.enum(["info", "warning"]), text: z.string() })),
  preflight: changeSetShape.shape.preflight.unwrap(),
  gates: changeSetShape.shape.gates,
  cost: changeSetShape.shape.cost,
});

const site = z.object({ id: z.string().describe("host"), verdict: z.string(), reason: z.string() });

/** How what was changed was judged, and what went back. */
const settledFields = {
  health: z
    .looseObject({
      verdict: z.string().optional(),
      reason: z.string().optional(),
      failing: z.array(site),
      new: z.object({ sites: count, failing: z.array(site) }).optional(),
    })
    .optional(),
  rollback: z
    .looseObject({
      ok: z.boolean(),
      done: z.string(),
      stacks: z.array(stack),
      hosts: z.unknown(),
      bad: z.array(z.string()).describe("releases that are refused from now on, repository@commit"),
      stay: z.unknown(),
    })
    .optional(),
};

/** What `up --json` prints. */
export const updateDocument = z.object({
  ok: z.boolean(),
  run: z.string(),
  ...summaryFields,
  ...openedFields,
  touched: z.array(stack).optional().describe("stacks that use what the shared one changed, and were not asked for"),
  reviewed: z
    .array(z.object({ stack, changes: z.array(z.string()), reason: z.string().optional() }))
    .optional()
    .describe("with a reviewed change set: what of it is live"),
  ...settledFields,
  calls: z
    .record(z.string(), z.looseObject({ calls: count }))
    .optional()
    .describe("calls through the gateway by vendor"),
});
