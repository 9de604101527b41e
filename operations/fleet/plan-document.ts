import { z } from "zod";
import type { SitefleetError } from "../../errors/index.ts";
import type { PlanReport } from "../../fleet/budget/strategy/index.ts";
import { failureOf, failureSchema } from "../kit/failure.ts";

const stack = z.string();
const count = z.int().min(0);
const seconds = z.number();
const time = z.string().describe("time, ISO 8601");
const stretch = z.object({ startsAt: z.number().describe("ms since 1970"), share: z.number() });

/** What `plan --json` prints. */
export const planDocument = z.object({
  strategy: z.object({
    kind: z.enum(["direct", "batch", "urgent"]),
    reason: z.string(),
    first: z.array(stack).describe("stacks that go first"),
    quietHours: z.boolean().describe("it should wait for the quiet hours"),
  }),
  window: z
    .object({
      startsAt: z.number().describe("the next start, ms since 1970"),
      hours: z.number(),
      everyHours: z.number().describe("after how many hours they come again"),
      reason: z.string(),
      share: z.number().optional().describe("traffic of the quietest as a share of an average stretch"),
      windows: z.array(stretch).optional(),
      daily: z.array(stretch).optional(),
    })
    .optional()
    .describe("the quiet hours; missing when the run starts now"),
  startReason: z.string(),
  notes: z.array(z.string()).describe("what was assumed"),
  startsAt: time,
  changes: count,
  seconds: seconds.describe("from the start to the last stack's end"),
  endsAt: time,
  limits: z
    .array(
      z.object({
        key: z.string(),
        vendor: z.string(),
        what: z.string(),
        amount: z.number(),
        perSeconds: z.number().nullable().describe("null: so many at once"),
        need: z.number(),
        seconds: seconds.describe("how long this limit alone takes"),
        binds: z
          .object({ from: time, until: time, seconds })
          .optional()
          .describe("how long stacks wait for it; missing when none does"),
      }),
    )
    .describe("the longest first"),
  vendors: z
    .array(z.object({ vendor: z.string(), key: z.string(), seconds }))
    .describe("the limit that takes longest, by vendor"),
  runs: z.array(
    z.object({
      number: z.int().min(1),
      startsAt: time,
      endsAt: time,
      changes: count,
      stacks: z.array(
        z.object({ stack, changes: count, startsAt: time, endsAt: time, waitedFor: z.string().optional() }),
      ),
      ended: z.enum(["done", "job-limit", "budget", "window"]).describe("why the next job goes on"),
    }),
  ),
  left: z.array(z.object({ stack, reason: z.string() })).describe("what does not fit before `until`"),
  faults: z.array(failureSchema).optional().describe("stacks whose state is damaged or gone"),
});
/** See {@link planDocument}. */
export type PlanDocument = z.infer<typeof planDocument>;

/** The document of a plan: its times as text. Pure. */
export function withDates({ plan, startsAt, ...others }: PlanReport, faults: readonly SitefleetError[]): PlanDocument {
  const dated = JSON.stringify(plan, (key, value) =>
    ["startsAt", "endsAt", "from", "until"].includes(key) && typeof value === "number"
      ? new Date(value).toISOString()
      : value,
  );
  return {
    ...others,
    startsAt: new Date(startsAt).toISOString(),
    ...JSON.parse(dated),
    ...(faults.length > 0 ? { faults: faults.map(failureOf) } : {}),
  } as PlanDocument;
}
