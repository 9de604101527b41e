import { z } from "zod";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { stateStore } from "../fleet/backend/store/state-store.ts";
import {
  addTimes,
  checkTargets,
  DEFAULT_CONCURRENCY,
  type HealthResult,
  keepEvidence,
  type Report,
  rank,
  readTimes,
  reportOf,
  shareVerdicts,
} from "../fleet/health/index.ts";
import { loadCatalog } from "../model/index.ts";
import { targetsFor, vantagesFor } from "./health/choose.ts";
import { healthFields, verdictSchema } from "./health/document.ts";
import { wholeNumber } from "./kit/fields.ts";
import { flag } from "./kit/flags.ts";
import { collectHosts } from "./kit/host.ts";
import { defineOperation } from "./kit/operation.ts";

/** Exit code when nothing fails and something is inconclusive, see docs/reference/cli.md. */
const INCONCLUSIVE = 4;

/** What checks found. */
export interface CheckedHealth {
  readonly results: readonly HealthResult[];
  readonly report: Report;
  /** File with what was seen. */
  readonly evidence: string;
}

const names = () => z.array(z.string()).optional();
const hosts = (text: string, before: unknown) => collectHosts(text, before as string[] | undefined);
const words = (text: string, before: unknown) => [...((before as string[] | undefined) ?? []), ...text.split(",")];

/** How checks go on. A signal ends them at once: nothing is changed that must come to an end. */
const healthEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("begun"), total: z.int().min(0).describe("hosts") }),
  z.object({ event: z.literal("checked"), id: z.string(), verdict: verdictSchema }),
  z.object({ event: z.literal("done") }),
]);
/** See {@link healthEvent}. */
export type HealthEvent = z.infer<typeof healthEvent>;

/** What sites, services or one deployment answer. Throws what the signal was aborted with when it is stopped. */
export const health = defineOperation({
  name: "health",
  summary: "check what sites, services or a deployment answer. Changes nothing.",
  changes: false,
  input: z.object({
    site: flag(names(), "--site <host>", "this site; may be given several times", hosts),
    cell: flag(
      names(),
      "--cell <name>",
      "the sites of this cell (`canary`, else a number, e.g. `07`); may be given several times",
      words,
    ),
    service: flag(names(), "--service <key>", "this service; may be given several times", words),
    all: flag(z.boolean().optional(), "--all", "all sites and services, which is the default"),
    deployment: flag(
      z.string().optional(),
      "--deployment <url>",
      "a deployment on its own address; with --site, as a deployment of that site",
    ),
    anyRelease: flag(
      z.boolean().optional(),
      "--any-release",
      "do not judge which release answers, e.g. while a rollout is under way",
    ),
    vantage: flag(
      names(),
      "--vantage <name>",
      "only from this vantage of checks.yaml; may be given several times",
      words,
    ),
    concurrency: flag(
      z.int().min(1).optional(),
      "--concurrency <n>",
      `hosts at once (default: ${DEFAULT_CONCURRENCY})`,
      wholeNumber("--concurrency"),
    ),
    updateBaseline: flag(
      z.boolean().optional(),
      "--update-baseline",
      "add the response times of what passes to what is usual",
    ),
  }),
  events: healthEvent,
  output: z.object({ ok: z.boolean(), ...healthFields, evidence: z.string().describe("file with what was seen") }),
  async run(input, { estate, emit, signal }): Promise<CheckedHealth> {
    const catalog = loadCatalog(estate.catalogDir);
    const targets = targetsFor(catalog, input);
    const vantages = vantagesFor(catalog.checks.vantages, input.vantage);
    const dir = stateDir();
    const store = await stateStore();
    const times = await readTimes(dir, store, targets);
    const started = performance.now();
    emit({ event: "begun", total: targets.length });
    const results = await checkTargets(targets, {
      vantages,
      times,
      signal,
      onResult: ({ id, verdict }) => emit({ event: "checked", id, verdict }),
      concurrency: input.concurrency,
    })
      .catch((error: unknown) => {
        // What else is thrown then comes from the stop.
        signal.throwIfAborted();
        throw error;
      })
      .finally(() => emit({ event: "done" }));
    const seconds = (performance.now() - started) / 1000;
    const evidence = keepEvidence(dir, results);
    // What was seen is worth more than that others see it: they have what was seen before, with its time.
    if (store) await shareVerdicts(store, results).catch(() => {});
    if (input.updateBaseline) await addTimes(dir, store, targets, results);
    return { results, report: reportOf(results, seconds), evidence };
  },
  document: ({ results, report, evidence }) => ({
    ok: report.verdict === "pass",
    ...report,
    evidence,
    results: rank(results).map(({ result }) => withoutExcerpts(result)),
  }),
  exitCode: ({ report: { verdict } }) => (verdict === "pass" ? 0 : verdict === "fail" ? 1 : INCONCLUSIVE),
});

/** What a document for programs holds of a result: all but the texts of pages. */
function withoutExcerpts(result: HealthResult): HealthResult {
  const vantages = result.vantages.map((one) => ({
    ...one,
    evidence: one.evidence.map(({ excerpt: _, ...rest }) => rest),
  }));
  return { ...result, vantages };
}
