import { z } from "zod";
import { environment } from "../environment/index.ts";
import { readRules } from "../fleet/alerts/index.ts";
import { Notifier } from "../fleet/notify/index.ts";
import { readDuration } from "./kit/duration.ts";
import { failureOf } from "./kit/failure.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { rounds } from "./metrics/rounds.ts";
import { measureFields, measureOf } from "./metrics.ts";
import { keptIn, receiversOf } from "./notify/declared.ts";
import { type Watched, watchOnce } from "./watch/loop.ts";

/** Seconds between two looks when nothing else is said: what `for` of the rules is counted in. */
const DEFAULT_EVERY = 60;

const watchedSchema = z.object({
  at: z.string().describe("ISO 8601"),
  firing: z.array(z.object({ alert: z.string(), labels: z.record(z.string(), z.string()), since: z.string() })),
  pending: z.int().min(0).describe("alerts that will fire when they last"),
  told: z.array(z.string()).describe("titles of the messages of this look"),
  failed: z.array(z.object({ source: z.string(), reason: z.string() })).describe("what gave no answer"),
});

const watchEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("begun"), total: z.int() }),
  z.object({ event: z.literal("looked"), ...watchedSchema.shape }),
  z.object({ event: z.literal("missed"), reason: z.string().describe("why a look could not be kept") }),
  z.object({ event: z.literal("done") }),
]);
/** See {@link watchEvent}. */
export type WatchEvent = z.infer<typeof watchEvent>;

/** Judges the estate's figures by the rules of alerts.yaml, and tells the receivers of notify.yaml. */
export const watch = defineOperation({
  name: "watch",
  summary: "judge the estate's figures every minute by alerts.yaml, and tell what begins and what ends, each once",
  changes: true,
  input: z.object({
    ...measureFields("ask the services at each look: what is down is told within a minute"),
    every: flag(
      z.number().min(15).max(300).optional(),
      "--every <duration>",
      "between two looks, 15s to 5m (default: 1m, as Prometheus' rules are made)",
      readDuration("--every"),
    ),
    once: flag(z.boolean().optional(), "--once", "look once, for a timer"),
  }),
  events: watchEvent,
  output: watchedSchema,
  async run({ every = DEFAULT_EVERY, once, ...measure }, { estate, emit, signal }): Promise<Watched> {
    const rules = readRules(estate.catalogDir);
    const receivers = receiversOf(estate.catalogDir);
    const store = await keptIn();
    const open = () => new Notifier({ receivers, env: environment(), store });
    let last: Watched = { at: new Date().toISOString(), firing: [], pending: 0, told: [], failed: [] };
    emit({ event: "begun", total: rules.length });
    try {
      for await (const round of rounds(estate, measureOf(measure), once ? undefined : every, signal)) {
        try {
          last = await watchOnce(round, rules, store, open);
          emit({ event: "looked", ...documentOf(last) });
        } catch (error) {
          // A store that is away for a while ends no watch.
          if (once) throw error;
          emit({ event: "missed", reason: failureOf(error).message });
        }
      }
    } finally {
      emit({ event: "done" });
    }
    return last;
  },
  document: documentOf,
});

function documentOf({ firing, told, failed, ...rest }: Watched): z.output<typeof watchedSchema> {
  return {
    ...rest,
    firing: firing.map((one) => ({ ...one, labels: { ...one.labels } })),
    told: [...told],
    failed: [...failed],
  };
}
