import { z } from "zod";
import { renderMetrics, type Sample } from "../fleet/metrics/index.ts";
import { readDuration } from "./kit/duration.ts";
import { flag } from "./kit/flags.ts";
import { defineOperation } from "./kit/operation.ts";
import { rounds } from "./metrics/rounds.ts";
import { samplesOf } from "./metrics/samples.ts";
import type { Sources } from "./metrics/sources.ts";

/** The least time between two rounds, seconds. */
const LEAST_EVERY = 5;

/** The estate in figures. */
export interface EstateMetrics {
  readonly samples: readonly Sample[];
  /** The text that Prometheus reads. */
  readonly text: string;
  /** Sources that could not be read. */
  readonly failed: readonly { readonly source: string; readonly reason: string }[];
}

/** Fields that say what is measured anew. @param check help of `--check` */
export const measureFields = (check = "ask the services now; without it, health is what the last checks kept") => ({
  check: flag(z.boolean().optional(), "--check", check),
  sites: flag(z.boolean().optional(), "--sites", "ask the sites now as well"),
  hosts: flag(
    z.boolean().optional(),
    "--no-hosts",
    "do not log in to the hosts: no disk, database and snapshot figures",
  ),
});

/** What fields of {@link measureFields} ask for. Pure. */
export const measureOf = ({ check, sites, hosts }: { check?: boolean; sites?: boolean; hosts?: boolean }) => ({
  check: [...(check ? (["services"] as const) : []), ...(sites ? (["sites"] as const) : [])],
  hosts: hosts !== false,
});

/** What sources come to. Pure. @param now ms since 1970 */
function metricsOf(sources: Sources, now: number): EstateMetrics {
  const samples = samplesOf(sources, now);
  const failed = Object.entries(sources).flatMap(([source, { failed: reason }]) =>
    reason === undefined ? [] : [{ source, reason }],
  );
  return { samples, text: renderMetrics(samples), failed };
}

/** The last round of several that go on until they are stopped. */
const measuredEvent = z.object({
  event: z.literal("measured"),
  text: z.string().describe("as Prometheus reads it"),
  failed: z.array(z.object({ source: z.string(), reason: z.string() })),
});
/** See {@link measuredEvent}. */
export type MeasuredEvent = z.infer<typeof measuredEvent>;

/** The estate in figures, for Prometheus. */
export const metrics = defineOperation({
  name: "metrics",
  summary: "the estate in figures, as Prometheus reads them. Changes nothing at a vendor or on a host.",
  changes: false,
  input: z.object({
    ...measureFields(),
    every: flag(
      z.number().min(LEAST_EVERY).optional(),
      "--every <duration>",
      "measure again and again until stopped, e.g. 1m; hosts at most every 5 minutes",
      readDuration("--every"),
    ),
  }),
  events: measuredEvent,
  output: z.object({
    samples: z.array(z.object({ name: z.string(), labels: z.record(z.string(), z.string()), value: z.number() })),
    failed: z.array(z.object({ source: z.string(), reason: z.string() })).describe("sources that could not be read"),
  }),
  async run({ every, ...input }, { estate, emit, signal }): Promise<EstateMetrics> {
    let last: EstateMetrics = { samples: [], text: "", failed: [] };
    for await (const { sources, now } of rounds(estate, measureOf(input), every, signal)) {
      last = metricsOf(sources, now);
      emit({ event: "measured", text: last.text, failed: [...last.failed] });
    }
    return last;
  },
  document: ({ samples, failed }) => ({
    samples: samples.map(({ name, labels, value }) => ({ name, labels: withValues(labels), value })),
    failed: [...failed],
  }),
});

const withValues = (labels: Sample["labels"]): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter((one): one is [string, string] => one[1] !== undefined));
