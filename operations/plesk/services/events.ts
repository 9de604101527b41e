import { z } from "zod";
import { failureSchema } from "../../kit/failure.ts";
import { problemsSchema } from "../../kit/problem.ts";
import { takeBackEvents } from "../../kit/proof-events.ts";

const service = z.string().describe("key of the service");

/** What work on services tells while it goes on. `total` of `begun`: services. */
export const serviceEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("catalog-problems"), problems: problemsSchema }),
  z.object({ event: z.literal("left-out"), services: z.array(service).describe("services that cannot be read") }),
  z.object({ event: z.literal("unknown-secret"), reason: z.string() }),
  z.object({ event: z.literal("begun"), total: z.int().min(0) }),
  z.object({ event: z.literal("service-started"), service }),
  z.object({ event: z.literal("service-ended"), service, ok: z.boolean(), error: failureSchema.optional() }),
  z
    .object({ event: z.literal("edited"), service, paths: z.array(z.string()), more: z.int().min(0) })
    .describe("the kept release that a rollback goes to is not what was deployed"),
  ...takeBackEvents,
  z.object({ event: z.literal("done") }),
]);
/** See {@link serviceEvent}. */
export type ServiceEvent = z.infer<typeof serviceEvent>;
