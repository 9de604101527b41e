import type { Aspect, HealthResult, Verdict } from "../../../checks/types.ts";
import { failureRate, slowdown } from "../rate.ts";

/** A run in figures. */
export interface Report {
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Targets that fail, by what they fail in; one may be in several. */
  readonly failing: Readonly<Partial<Record<Aspect, number>>>;
  /** 0 to 1, of those that say something, whatever they fail in. */
  readonly failureRate: number;
  /** Against each target's own median; percent. */
  readonly slowdown: { readonly compared: number; readonly percent: number };
  readonly seconds: number;
}

/** Results from the worst to the best. */
export interface Ranked {
  readonly result: HealthResult;
  /** Slow, but not failing for it. */
  readonly slow: boolean;
}

/** The figures of a run. One failure makes it a failure, else one doubt a doubt. Pure. */
export function reportOf(results: readonly HealthResult[], seconds: number): Report {
  const counts: Record<Verdict, number> = { pass: 0, fail: 0, inconclusive: 0 };
  const failing: Partial<Record<Aspect, number>> = {};
  for (const { verdict, vantages } of results) {
    counts[verdict]++;
    if (verdict !== "fail") continue;
    const findings = vantages.flatMap((one) => one.findings.filter((finding) => finding.verdict === "fail"));
    for (const about of new Set(findings.map((finding) => finding.about))) failing[about] = (failing[about] ?? 0) + 1;
  }
  const every = { has: () => true } as unknown as ReadonlySet<Aspect>;
  return {
    verdict: counts.fail > 0 ? "fail" : counts.inconclusive > 0 || results.length === 0 ? "inconclusive" : "pass",
    counts,
    failing,
    failureRate: failureRate(results, { aspects: every }).rate,
    slowdown: slowdown(results),
    seconds,
  };
}

const ORDER = { fail: 0, inconclusive: 1, pass: 2 } as const;

/** Failures first, then doubts, then what is slow, then the rest; equal ones by name. Pure. */
export function rank(results: readonly HealthResult[]): Ranked[] {
  const marked = results.map((result) => ({ result, slow: isNotedSlow(result) }));
  return marked.sort(
    (a, b) =>
      ORDER[a.result.verdict] - ORDER[b.result.verdict] ||
      Number(b.slow) - Number(a.slow) ||
      (a.result.id < b.result.id ? -1 : a.result.id > b.result.id ? 1 : 0),
  );
}

function isNotedSlow({ vantages }: HealthResult): boolean {
  return vantages.some((one) =>
    one.findings.some(({ about, verdict, text }) => about === "time" && verdict === "note" && text.includes("slower")),
  );
}
