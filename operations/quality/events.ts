import { z } from "zod";
import { resultSchema } from "../../quality/index.ts";

const { subject, check, state } = resultSchema.shape;

/** How checks go on. */
export const qualityEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("begun"), total: z.int().min(0).describe("checks") }),
  z.object({ event: z.literal("done") }),
  z.object({
    event: z.literal("planned"),
    checks: z.int(),
    left: z.int().describe("of them still to be done"),
    pages: z.int().describe("that Lighthouse measures"),
    runs: z.int().describe("of Lighthouse"),
    browsers: z.int().describe("at once"),
    seconds: z.number().describe("that the measurements take"),
  }),
  z.object({ event: z.literal("check-started"), subject, check }),
  z.object({ event: z.literal("check-ended"), subject, check, state, said: z.string(), seconds: z.number() }),
  z.object({ event: z.literal("notice"), text: z.string() }),
]);
/** See {@link qualityEvent}. */
export type QualityEvent = z.infer<typeof qualityEvent>;
