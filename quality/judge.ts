import { plainLine } from "../errors/plain.ts";
import type { Finding, Judged, Measure } from "./types.ts";

/** Findings that a result keeps: a person mends the first ones first. */
const MOST_FINDINGS = 50;
/** Longest text of a finding, characters. */
const LONGEST = 300;

const holds = ({ value, limit, must }: Measure): boolean =>
  limit === undefined || (must === "least" ? value >= limit : value <= limit);

/** Green when every figure is what it must be. A figure that is no number is not known. Pure. */
export function judged(measures: readonly Measure[], findings: readonly Finding[] = []): Judged {
  const odd = measures.find(({ value }) => !Number.isFinite(value));
  if (odd) return notRun(`${odd.name} is no number`);
  return {
    state: measures.every(holds) ? "pass" : "fail",
    measures,
    findings: findings.slice(0, MOST_FINDINGS).map(harmless),
    found: findings.length,
  };
}

/** Nothing is known. Pure. */
export const notRun = (reason: string): Judged => ({
  state: "not-run",
  reason: plainLine(reason, LONGEST),
  measures: [],
  findings: [],
  found: 0,
});

/** A figure that may be at most so much. Pure. */
export const most = (name: string, value: number, limit: number): Measure => ({ name, value, limit, must: "most" });
/** A figure that must be at least so much. Pure. */
export const least = (name: string, value: number, limit: number): Measure => ({ name, value, limit, must: "least" });

const harmless = ({ rule, level, message, file, line, url }: Finding): Finding => ({
  rule: plainLine(rule, 120),
  level,
  message: plainLine(message, LONGEST),
  file: file === undefined ? undefined : plainLine(file, LONGEST),
  line: line !== undefined && Number.isInteger(line) && line > 0 ? line : undefined,
  url: url === undefined ? undefined : plainLine(url, LONGEST),
});

/** A figure in words: `performance 87 (90 or more)`. Pure. */
export function describeMeasure({ name, value, limit, must }: Measure): string {
  const shown = Math.round(value * 100) / 100;
  if (limit === undefined) return `${name} ${shown}`;
  return `${name} ${shown} (${must === "least" ? `${limit} or more` : `at most ${limit}`})`;
}

/** The figures that are not what they must be; all where none is. Pure. */
export function missed(measures: readonly Measure[]): readonly Measure[] {
  const wrong = measures.filter((one) => !holds(one));
  return wrong.length > 0 ? wrong : measures;
}
