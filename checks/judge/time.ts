import type { Finding, Target } from "../types.ts";

// The plugin loads this with every stack: simple-statistics has 167 kB for the lines below, and its quantiles step where these go
// in straight lines.
/** The middle of some numbers; of an even count the mean of the two in the middle. Undefined for none. Pure. */
export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

/** The value below which a share of the numbers lies, in between by straight lines. Undefined for none. Pure. */
export function quantile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}

/** Is a time slow against the usual one? Both limits must be passed. Pure. */
export function isSlow(ms: number, usual: number | undefined, rule: Target["check"]["slow"]): boolean {
  return usual !== undefined && ms > usual * (1 + rule.percent / 100) && ms > usual + rule.floorMs;
}

/** What a time says against the usual one. Pure. */
export function judgeTime(ms: number, usual: number | undefined, rule: Target["check"]["slow"]): Finding {
  const took = `answers in ${Math.round(ms)} ms`;
  if (usual === undefined) return { about: "time", verdict: "note", text: `${took}; what is usual is not known yet` };
  const against = `${took}, usually ${Math.round(usual)} ms`;
  if (!isSlow(ms, usual, rule)) return { about: "time", verdict: "pass", text: against };
  return {
    about: "time",
    verdict: rule.fails ? "fail" : "note",
    text: `${against}: more than ${rule.percent} % slower`,
  };
}
