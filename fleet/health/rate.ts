import { median } from "../../checks/judge/time.ts";
import { ASPECTS, type Aspect, type Finding, type HealthResult } from "../../checks/types.ts";

/** What a new release can be to blame for; certificates, names and the like are as they were before it. */
const BY_RELEASE: ReadonlySet<Aspect> = new Set(
  ASPECTS.filter(
    (aspect) => !["name", "connection", "certificate", "https", "protection", "vantages"].includes(aspect),
  ),
);

/** What the failures of a wave are counted by. */
export interface RateOptions {
  /** Failures about anything else are not counted. @default what a release can be to blame for: all but name, connection, certificate, https, protection */
  readonly aspects?: ReadonlySet<Aspect>;
  /** Results of before: what failed then in the same way is not counted again. @default none */
  readonly before?: readonly HealthResult[];
}

/** How many failed. */
export interface FailureRate {
  readonly failed: number;
  /** Ids of those. */
  readonly ids: readonly string[];
  /** Targets that fail in nothing but what they failed in before. */
  readonly failedBefore: number;
  /** Targets that say something: all but the inconclusive ones. */
  readonly judged: number;
  readonly inconclusive: number;
  /** `failed / judged`, 0 to 1; 0 when nothing could be judged. */
  readonly rate: number;
}

/** The share of targets that fail. Pure; the order does not matter. */
export function failureRate(results: readonly HealthResult[], options: RateOptions = {}): FailureRate {
  const { aspects = BY_RELEASE, before = [] } = options;
  const known = new Map(before.map((result) => [result.id, failedAspects(result)]));
  const judged = results.filter(({ verdict }) => verdict !== "inconclusive");
  const failed = judged.filter((result) =>
    [...failedAspects(result)].some((aspect) => aspects.has(aspect) && !known.get(result.id)?.has(aspect)),
  );
  const asBefore = judged.filter((result) => {
    const now = [...failedAspects(result)];
    return now.length > 0 && now.every((aspect) => known.get(result.id)?.has(aspect));
  });
  return {
    failed: failed.length,
    failedBefore: asBefore.length,
    ids: failed.map(({ id }) => id),
    judged: judged.length,
    inconclusive: results.length - judged.length,
    rate: judged.length === 0 ? 0 : failed.length / judged.length,
  };
}

/** What a target fails in; empty when it does not fail. Pure. */
export function failedAspects(result: HealthResult): ReadonlySet<Aspect> {
  if (result.verdict !== "fail") return new Set();
  const findings: readonly Finding[] = result.vantages.flatMap((one) => one.findings);
  return new Set(findings.filter(({ verdict }) => verdict === "fail").map(({ about }) => about));
}

/** How much slower targets are than they usually are. */
export interface Slowdown {
  /** Answers whose usual time is known. */
  readonly compared: number;
  /** Median of the changes in percent: 30 = half of them are at least 30 % slower; negative = faster. 0 for none. */
  readonly percent: number;
}

/** The change of response times against each target's own median. Pure; the order does not matter. */
export function slowdown(results: readonly HealthResult[]): Slowdown {
  const ratios = results
    .flatMap(({ vantages }) => vantages)
    .flatMap(({ milliseconds, baselineMs }) =>
      milliseconds === undefined || baselineMs === undefined || baselineMs <= 0 ? [] : [milliseconds / baselineMs],
    );
  return { compared: ratios.length, percent: ratios.length === 0 ? 0 : ((median(ratios) ?? 1) - 1) * 100 };
}
