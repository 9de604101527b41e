import { z } from "zod";
import { fleetEvent } from "../kit/events.ts";

/** What an adoption tells while it goes on, beside what all work on stacks tells. */
export const adoptEvent = z.discriminatedUnion("event", [
  ...fleetEvent.options,
  z.object({
    event: z.literal("pages"),
    read: z.int().describe("pages that were read, those of an earlier run included"),
    left: z.int().describe("pages that are known to be left"),
  }),
  z.object({ event: z.literal("services-unread"), reason: z.string().describe("why services were not looked at") }),
]);
/** See {@link adoptEvent}. */
export type AdoptEvent = z.input<typeof adoptEvent>;
