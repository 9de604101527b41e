import type { RuleId } from "./rule-ids.ts";

/** One thing that is wrong in the catalog. Every problem has a file and a line, so that an editor can jump there. */
export interface Problem {
  /** The rule that found it, see `docs/reference/catalog.md`. */
  readonly rule: RuleId;
  /** Path of the file: the catalog's directory as it was given, then the file's name. */
  readonly file: string;
  /** Line in that file, from 1. */
  readonly line: number;
  /** Column of a CSV file or path in a YAML file, e.g. `zones[1].records[0].ttl`. */
  readonly field: string;
  /** What is wrong, e.g. `"Betting" has upper case`. Quotes input as JSON, so it never holds a control character. */
  readonly wrong: string;
  /** What would be right, e.g. `lower case only`. */
  readonly allowed: string;
}

/** Where a value stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly field: string;
}

/** Path of a value inside a parsed file: keys and indexes. */
export type Path = readonly (string | number)[];

/** A parsed value that remembers where it and its parts stand. */
export interface Entry<T> {
  readonly value: T;
  /** Place of a part of it, by its path below the value; the nearest parent's line when the part is not written. */
  at(...path: (string | number)[]): Place;
}

/** Takes one finding; the collector behind it sorts and keeps them all. */
export type Report = (rule: RuleId, place: Place, wrong: string, allowed: string) => void;

/** Collects findings. */
export function collector(): { report: Report; problems: Problem[] } {
  const problems: Problem[] = [];
  const report: Report = (rule, place, wrong, allowed) => problems.push({ rule, ...place, wrong, allowed });
  return { report, problems };
}

/** The one-line form: `file:line: field: what is wrong, what is allowed [rule]`. */
export function formatProblem(problem: Problem): string {
  const { file, line, field, wrong, allowed, rule } = problem;
  return `${file}:${line}: ${field}: ${wrong}, ${allowed} [${rule}]`;
}

/** Sorts by file, line, field, text, and drops exact repetitions, so that the same catalog gives the same report anywhere. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const keyed = problems.map((problem) => ({ problem, text: formatProblem(problem) }));
  keyed.sort(
    (a, b) =>
      compare(a.problem.file, b.problem.file) ||
      a.problem.line - b.problem.line ||
      compare(a.problem.field, b.problem.field) ||
      compare(a.text, b.text),
  );
  return keyed.filter((item, index) => item.text !== keyed[index - 1]?.text).map((item) => item.problem);
}

/** Order by code unit: the same on every machine, unlike `localeCompare`. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const SHOWN = 60;

/**
 * Input as shown in a message: JSON, at most 60 characters, nothing that could move a terminal's cursor or turn the
 * reading direction.
 */
export function show(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  const safe = text.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const characters = [...safe];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : safe;
}
