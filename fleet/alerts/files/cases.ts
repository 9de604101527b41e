import { FAMILIES, type FamilyName, type Sample } from "../../metrics/index.ts";
import { evaluate, keyOf, type Series } from "../promql/evaluate.ts";
import type { Expression, Matcher } from "../promql/expression.ts";
import type { Rule } from "../rules.ts";

/** A series as it is minute by minute; undefined: it is missing. */
export interface TestSeries {
  readonly metric: FamilyName;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (number | undefined)[];
}

/** What a rule must say at some minutes: the series that fire then. */
export interface RuleCase {
  readonly rule: Rule;
  readonly name: string;
  readonly series: readonly TestSeries[];
  readonly expect: readonly { readonly minute: number; readonly firing: readonly Series["labels"][] }[];
}

/** What values are tried: shares, counts, durations, times long gone and far away. */
const VALUES = [0, 1, 0.001, 0.5, 3, 10, 100, 1e4, -1e9, 1e12, undefined] as const;
type Assignment = readonly (readonly [FamilyName, Series["labels"], number | undefined])[];

/**
 * Cases for a rule, found by trying values: it fires at its time and not a minute before, ends when what it is about ends, and neither
 * fires nor goes on while its series are missing. Undefined where no values make it fire. Pure.
 */
export function casesOf(rule: Rule): RuleCase[] | undefined {
  const selectors = selectorsOf(rule.expression);
  const bad = search(rule, selectors, true);
  const good = search(rule, selectors, false);
  if (bad === undefined || good === undefined) return undefined;
  const last = rule.forMs / 60_000;
  const labels = firing(rule, bad);
  const none: never[] = [];
  const series = (phases: readonly (readonly [Assignment | "missing", number])[]): TestSeries[] =>
    bad.map(([metric, own], index) => ({
      metric,
      labels: own,
      values: phases.flatMap(([phase, minutes]) =>
        Array<number | undefined>(minutes).fill(phase === "missing" ? undefined : phase[index]?.[2]),
      ),
    }));
  const begin = 5;
  const cases: RuleCase[] = [
    {
      rule,
      name: `${rule.alert} fires after ${rule.for} and ends`,
      series: series([
        [good, begin],
        [bad, last + 3],
        [good, 4],
      ]),
      expect: [
        { minute: begin + last - 1, firing: none },
        { minute: begin + last, firing: labels },
        { minute: begin + last + 2, firing: labels },
        { minute: begin + last + 3, firing: none },
      ],
    },
  ];
  if (last > 0)
    cases.push({
      rule,
      name: `${rule.alert} does not fire when it ends a minute too early`,
      series: series([
        [bad, last],
        [good, 3],
        [bad, last],
      ]),
      expect: [last, last + 3 + last - 1].map((minute) => ({ minute, firing: none })),
    });
  // A rule about what is missing is its own case of that.
  if (bad.every(([, , value]) => value !== undefined))
    cases.push({
      rule,
      name: `${rule.alert} ends when its series are missing`,
      series: series([
        [bad, last + 2],
        ["missing", 4],
      ]),
      expect: [
        { minute: last + 1, firing: labels },
        { minute: last + 2, firing: none },
        { minute: last + 4, firing: none },
      ],
    });
  return cases;
}

function firing(rule: Rule, assignment: Assignment): Series["labels"][] {
  const found = evaluate(rule.expression, samplesOf(assignment), 0);
  return [...new Map(found.map(({ labels }) => [keyOf(labels), labels])).values()];
}

const samplesOf = (assignment: Assignment): Sample[] =>
  assignment.flatMap(([name, labels, value]) => (value === undefined ? [] : [{ name, labels, value }]));

/** The first values for which a rule fires, or does not, at the beginning of time and an hour later. */
function search(
  rule: Rule,
  selectors: ReadonlyMap<FamilyName, readonly Matcher[]>,
  fires: boolean,
): Assignment | undefined {
  const names = [...selectors];
  const total = VALUES.length ** names.length;
  for (let at = 0; at < total; at++) {
    const assignment = names.map(([metric, matchers], index) => {
      const value = VALUES[Math.floor(at / VALUES.length ** index) % VALUES.length];
      return [metric, labelsFor(metric, matchers), value] as const;
    });
    // Only what reads a missing series is tested by one.
    if (!fires && assignment.some(([, , value]) => value === undefined)) continue;
    const is = [0, 3600_000 * 3].every(
      (now) => evaluate(rule.expression, samplesOf(assignment), now).length > 0 === fires,
    );
    if (is) return assignment;
  }
  return undefined;
}

/** Metrics of an expression with the conditions on their labels. */
function selectorsOf(expression: Expression): Map<FamilyName, Matcher[]> {
  const found = new Map<FamilyName, Matcher[]>();
  const walk = (one: Expression): void => {
    if (one.is === "select") found.set(one.metric, [...(found.get(one.metric) ?? []), ...one.matchers]);
    if (one.is === "absent" || one.is === "aggregate") walk(one.of);
    if (one.is === "binary") {
      walk(one.left);
      walk(one.right);
    }
  };
  walk(expression);
  return found;
}

/** Labels that meet the conditions: the same value for a label wherever nothing is asked of it, so that sides match. */
function labelsFor(metric: FamilyName, matchers: readonly Matcher[]): Series["labels"] {
  const wanted = matchers.filter(({ op }) => op === "=" || op === "=~");
  return Object.fromEntries(
    FAMILIES[metric].labels.map((label: string) => {
      const one = wanted.find((matcher) => matcher.label === label);
      return [label, one === undefined ? `a-${label}` : (one.value.split("|")[0] ?? "")];
    }),
  );
}
