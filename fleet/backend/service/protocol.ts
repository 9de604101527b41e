import { z } from "zod";
import type { Entry } from "./entry.ts";

// What the engine and the service say to each other, as far as it is used here: sdk/go/common/apitype/{updates,events,service,core}.go, 3.276.

/** What the engine may do in an update that the service keeps. */
const kindSchema = z.enum(["update", "refresh", "destroy", "import", "resource-import"]);

/** `POST …/begin-update`: what is to be done, and with what. */
export const beginSchema = z.object({
  updateKind: kindSchema,
  /** The newest form of entries that the engine can send; absent: whole states. */
  journalVersion: z.number().default(0),
  program: z.object({
    config: z
      .record(z.string(), z.object({ string: z.string(), secret: z.boolean(), object: z.boolean() }))
      .default({}),
    metadata: z
      .object({
        message: z.string().default(""),
        environment: z.record(z.string(), z.string()).nullish(),
      })
      .default({ message: "" }),
  }),
});

/** See {@link beginSchema}. */
export type Begin = z.infer<typeof beginSchema>;

/** `PATCH …/journalentries`; what an entry is `replay.ts` knows. */
export const entriesSchema = z.object({
  entries: z.array(z.custom<Entry>((entry) => typeof entry === "object" && entry !== null)),
});

/** `POST …/events/batch`; of the events the last one matters, which counts what was done. */
export const eventsSchema = z.object({
  events: z.array(
    z.looseObject({
      summaryEvent: z.looseObject({ resourceChanges: z.record(z.string(), z.number()).nullish() }).optional(),
    }),
  ),
});

/** `POST …/complete`. */
export const completeSchema = z.object({ status: z.enum(["succeeded", "failed", "cancelled"]) });
