import type { Sample } from "../../metrics/index.ts";
import { type AGGREGATES, type Expression, type Matcher, type Matching, SETS } from "./expression.ts";

/** A series at one moment, without its name: neither matching nor an alert's labels look at that. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Two series of one side meet the same of the other: Prometheus gives no answer then, and neither does this. */
export class Ambiguous extends Error {}

type Value = number | readonly Series[];

/**
 * What an expression gives for these samples, as Prometheus has it for a scrape of the same text. Pure.
 *
 * @param now ms since 1970
 * @throws Ambiguous
 */
export function evaluate(expression: Expression, samples: readonly Sample[], now: number): readonly Series[] {
  const value = of(expression, samples, now);
  return typeof value === "number" ? [] : value;
}

function of(expression: Expression, samples: readonly Sample[], now: number): Value {
  switch (expression.is) {
    case "number":
      return expression.value;
    case "time":
      return now / 1000;
    case "select":
      return select(expression, samples);
    case "absent": {
      if (select(expression.of, samples).length > 0) return [];
      const equal = expression.of.matchers.filter(({ op, value }) => op === "=" && value !== "");
      return [{ labels: Object.fromEntries(equal.map(({ label, value }) => [label, value])), value: 1 }];
    }
    case "aggregate":
      return aggregate(expression, of(expression.of, samples, now) as readonly Series[]);
    default:
      return binary(expression, of(expression.left, samples, now), of(expression.right, samples, now));
  }
}

function select({ metric, matchers }: Extract<Expression, { is: "select" }>, samples: readonly Sample[]): Series[] {
  const found = samples.filter(({ name, labels }) => name === metric && matchers.every((one) => meets(one, labels)));
  const series = found.map(({ labels, value }): [string, Series] => {
    // An empty label is none.
    const own = Object.fromEntries(Object.entries(labels).filter((one): one is [string, string] => !!one[1]));
    return [keyOf(own), { labels: own, value }];
  });
  return [...new Map(series).values()];
}

function meets({ label, op, value }: Matcher, labels: Sample["labels"]): boolean {
  const has = labels[label] ?? "";
  const same = op === "=" || op === "!=" ? has === value : new RegExp(`^(?:${value})$`).test(has);
  return same === !op.startsWith("!");
}

/** Labels as a text that tells them apart. Pure. */
export const keyOf = (labels: Series["labels"]): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const keep = (labels: Series["labels"], wanted: (label: string) => boolean): Series["labels"] =>
  Object.fromEntries(Object.entries(labels).filter(([label]) => wanted(label)));

function aggregate({ op, by }: Extract<Expression, { is: "aggregate" }>, series: readonly Series[]): Series[] {
  const groups = Map.groupBy(series, ({ labels }) => keyOf(keep(labels, (label) => by.includes(label))));
  return [...groups.values()].map((own) => ({
    labels: keep(own[0]?.labels ?? {}, (label) => by.includes(label)),
    value: FOLDS[op](own.map(({ value }) => value)),
  }));
}

/** Of values that are no number the least and the greatest take no notice, unless there is no other. */
const real = (values: readonly number[]): readonly number[] => {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? values : numbers;
};
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const FOLDS: Readonly<Record<(typeof AGGREGATES)[number], (values: readonly number[]) => number>> = {
  sum,
  min: (values) => Math.min(...real(values)),
  max: (values) => Math.max(...real(values)),
  avg: (values) => sum(values) / values.length,
  count: (values) => values.length,
};

type Binary = Extract<Expression, { is: "binary" }>;

const COUNTS: Partial<Record<Binary["op"], (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};
const HOLDS: Partial<Record<Binary["op"], (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

function binary({ op, matching }: Binary, left: Value, right: Value): Value {
  if ((SETS as readonly string[]).includes(op))
    return sets(op, left as readonly Series[], right as readonly Series[], matching);
  const apply = (a: number, b: number, shown: number): number | undefined => {
    const counts = COUNTS[op];
    return counts === undefined ? (HOLDS[op]?.(a, b) ? shown : undefined) : counts(a, b);
  };
  if (typeof left === "number") {
    if (typeof right === "number") return apply(left, right, left) ?? Number.NaN;
    return each(right, (value) => apply(left, value, value));
  }
  if (typeof right === "number") return each(left, (value) => apply(value, right, value));
  const others = unique(right, matching);
  const met = new Set<string>();
  return left.flatMap(({ labels, value }) => {
    const key = keyOf(matched(labels, matching));
    const other = others.get(key);
    if (other === undefined) return [];
    if (met.has(key)) throw new Ambiguous(`several series have ${key} on the left side`);
    met.add(key);
    const result = apply(value, other.value, value);
    return result === undefined ? [] : [{ labels: matched(labels, matching), value: result }];
  });
}

const each = (series: readonly Series[], change: (value: number) => number | undefined): Series[] =>
  series.flatMap(({ labels, value }) => {
    const next = change(value);
    return next === undefined ? [] : [{ labels, value: next }];
  });

const matched = (labels: Series["labels"], matching: Matching | undefined): Series["labels"] =>
  matching === undefined ? labels : keep(labels, (label) => matching.labels.includes(label) === matching.on);

function unique(series: readonly Series[], matching: Matching | undefined): Map<string, Series> {
  const found = new Map<string, Series>();
  for (const one of series) {
    const key = keyOf(matched(one.labels, matching));
    if (found.has(key)) throw new Ambiguous(`several series have ${key} on the right side`);
    found.set(key, one);
  }
  return found;
}

function sets(op: string, left: readonly Series[], right: readonly Series[], matching: Matching | undefined): Series[] {
  const keys = (series: readonly Series[]) => new Set(series.map(({ labels }) => keyOf(matched(labels, matching))));
  const among = (known: ReadonlySet<string>) => (one: Series) => known.has(keyOf(matched(one.labels, matching)));
  if (op === "or") {
    const known = among(keys(left));
    return [...left, ...right.filter((one) => !known(one))];
  }
  const known = among(keys(right));
  return left.filter((one) => known(one) === (op === "and"));
}
