import { z } from "zod";

const text = z.string();

/** How a user flow ended. */
export const flowState = z
  .enum(["pass", "fail", "flaky", "not-run"])
  .describe("flaky: failed, and passed when it was repeated; not-run is no pass");

/** How user flows go on. */
export const flowEvents = [
  z.object({ event: z.literal("flow-started"), flow: text }),
  z.object({
    event: z.literal("flow-ended"),
    flow: text,
    service: text,
    state: flowState,
    reason: text,
    milliseconds: z.number(),
    evidence: z.array(text).describe("files: a picture of the page, a trace"),
  }),
] as const;

/** What is told of services that go back, and of those that answer then. */
export const takeBackEvents = [
  z.object({
    event: z.literal("smoke-tested"),
    asked: z.int().min(0),
    failing: z.array(z.object({ service: text, reason: text })),
  }),
  z
    .object({
      event: z.literal("taken-back"),
      ok: z.boolean().describe("all went back, and answer"),
      what: text,
      services: z.array(text),
    })
    .describe("services have their earlier release again"),
] as const;

/** What is told of services after a deployment. */
export const proofEvents = [
  ...flowEvents,
  ...takeBackEvents,
  z.object({ event: z.literal("proved"), ok: z.boolean(), reason: text }),
] as const;
/** An event of {@link proofEvents}. */
export type ProofEvent = z.infer<(typeof proofEvents)[number]>;
