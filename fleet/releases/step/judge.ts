import type { Aspect, HealthResult, Verdict } from "../../../checks/types.ts";
import type { RolloutLimits } from "../../../model/index.ts";
import type { Figures, Known } from "../../backend/journal/verdict.ts";
import { failedAspects, failureRate, slowdown } from "../../health/rate.ts";

/** Hosts that an event names. */
const EXAMPLES = 50;

/** What fails where no answer comes, or another one than is declared. */
const ANSWER: ReadonlySet<Aspect> = new Set(["name", "connection", "answer", "status"]);

/** The judgement of a wave. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly figures: Figures;
}

/**
 * Judges a wave by its sites' results. In doubt is what could hide more failures than are allowed: when the sites that could
 * not be judged had failed. Pure.
 */
export function judgeWave(results: readonly HealthResult[], known: readonly Known[], limits: RolloutLimits): Judgement {
  const rate = failureRate(results, { before: known.map(asResult) });
  const slower = slowdown(results);
  const slowdownMs = medianChange(results);
  const figures: Figures = {
    sites: results.length,
    failed: rate.failed,
    failedBefore: rate.failedBefore,
    inconclusive: rate.inconclusive,
    failurePercent: round(rate.rate * 100),
    slowdownPercent: round(slower.percent),
    slowdownMs: round(slowdownMs),
    compared: slower.compared,
    misanswered: results.filter((result) => [...failedAspects(result)].some((aspect) => ANSWER.has(aspect))).length,
    p95Ms: percentile95(results),
    examples: rate.ids.slice(0, EXAMPLES),
  };
  if (rate.rate * 100 > limits.failurePercent) {
    const first = results.find(({ id }) => id === rate.ids[0]);
    const why = first ? `: ${first.host} ${first.reason}` : "";
    const share = `${rate.failed} of ${rate.judged} sites fail, ${figures.failurePercent} %`;
    return { verdict: "fail", reason: `${share} (limit ${limits.failurePercent} %)${why}`, figures };
  }
  if (slower.percent > limits.slowdownPercent && slowdownMs > limits.slowdownFloorMs) {
    const share = `answers are ${figures.slowdownPercent} % slower than usual (${figures.slowdownMs} ms)`;
    return { verdict: "fail", reason: `${share}; limit ${limits.slowdownPercent} %`, figures };
  }
  const worst = results.length === 0 ? 0 : ((rate.failed + rate.inconclusive) / results.length) * 100;
  if (rate.inconclusive > 0 && worst > limits.failurePercent) {
    const reason = `${rate.inconclusive} of ${results.length} sites could not be judged: more failures than allowed may be among them`;
    return { verdict: "inconclusive", reason, figures };
  }
  return { verdict: "pass", reason: passText(results, rate.failed, figures), figures };
}

/** How many sites pass, and why those that fail are not held against what was changed. */
function passText(results: readonly HealthResult[], failed: number, { failedBefore, inconclusive }: Figures): string {
  const passing = results.filter(({ verdict }) => verdict === "pass").length;
  const elsewhere = results.length - passing - failed - inconclusive - (failedBefore ?? 0);
  const fail = (count: number) => `${count} ${count === 1 ? "fails" : "fail"}`;
  const parts = [
    ...(failed > 0 ? [`${fail(failed)}, within the limit`] : []),
    ...(failedBefore ? [`${fail(failedBefore)} as before`] : []),
    ...(elsewhere > 0 ? [`${fail(elsewhere)} in what no release changes`] : []),
    ...(inconclusive > 0 ? [`${inconclusive} could not be judged`] : []),
  ];
  const pass = `${passing} of ${results.length} sites pass`;
  if (parts.length === 0) return pass;
  return `${failed === 0 ? "nothing is worse than before: " : ""}${pass}; ${parts.join(", ")}`;
}

/** What fails in these results, so that a later check does not count it again. Pure. */
export function knownFailures(results: readonly HealthResult[]): Known[] {
  return results
    .map((result) => ({ id: result.id, aspects: [...failedAspects(result)] }))
    .filter(({ aspects }) => aspects.length > 0);
}

function asResult({ id, aspects }: Known): HealthResult {
  const findings = aspects.map((about) => ({ about, verdict: "fail" as const, text: "" }));
  const vantages = [{ vantage: "", verdict: "fail" as const, findings, tries: 0, evidence: [] }];
  return { id, kind: "site", host: id, url: "", verdict: "fail", reason: "", vantages };
}

/** Median of the changes in ms; 0 for none. */
function medianChange(results: readonly HealthResult[]): number {
  const changes = results
    .flatMap(({ vantages }) => vantages)
    .flatMap(({ milliseconds, baselineMs }) =>
      milliseconds === undefined || baselineMs === undefined ? [] : [milliseconds - baselineMs],
    )
    .sort((a, b) => a - b);
  const middle = Math.floor(changes.length / 2);
  if (changes.length === 0) return 0;
  const upper = changes[middle] as number;
  return changes.length % 2 === 1 ? upper : ((changes[middle - 1] as number) + upper) / 2;
}

/** The time within which 95 of 100 answers came, ms: the nearest rank. Undefined without times. */
function percentile95(results: readonly HealthResult[]): number | undefined {
  const times = results.flatMap(({ vantages }) => vantages.flatMap(({ milliseconds = [] }) => milliseconds));
  const at = times.sort((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1];
  return at === undefined ? undefined : round(at);
}

const round = (value: number) => Math.round(value * 10) / 10;
