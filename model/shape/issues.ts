import type { z } from "zod";
import { show } from "../problem.ts";
import type { RuleId } from "../rule-ids.ts";

/** A zod issue in the catalog's words. */
export interface Finding {
  readonly rule: RuleId;
  readonly path: (string | number)[];
  readonly wrong: string;
  readonly allowed: string;
}

/** Many values are allowed by the framework field: name some. */
const LISTED = 12;

/**
 * Says in the catalog's words what zod found. Unknown keys become one finding each, so that each has its own line.
 * @param hide values that are not repeated in messages
 * @param written how numbers stand in the file
 */
export function findingsOf(
  error: z.ZodError,
  input: unknown,
  hide: (path: readonly (string | number)[]) => boolean,
  written: (path: readonly (string | number)[]) => string | undefined = () => undefined,
): Finding[] {
  return error.issues.flatMap((issue): Finding[] => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        rule: "file.unknown-key",
        path: [...path, key],
        wrong: "is not known here",
        allowed: "a key of docs/reference/catalog.md",
      }));
    }
    const value = valueAt(input, path);
    const shown = hide(path) ? "the value" : showNumber(value, written(path));
    return [{ rule: ruleOf(path), path, ...describe(issue, value, shown) }];
  });
}

/** A number as it was written: a person who wrote `1e999` does not recognise `Infinity`. */
function showNumber(value: unknown, written: string | undefined): string {
  if (typeof value !== "number" || written === undefined) return show(value);
  return written.length > 60 ? `${written.slice(0, 60)}…` : written;
}

function ruleOf(path: readonly (string | number)[]): RuleId {
  return path.at(-1) === "ref" ? "release.commit" : "file.value";
}

function describe(issue: z.core.$ZodIssue, value: unknown, shown: string): { wrong: string; allowed: string } {
  const missing = value === undefined;
  switch (issue.code) {
    case "invalid_type":
      return {
        wrong: missing ? "is missing" : `${shown} is ${kindOf(value)}`,
        allowed: expected(issue.expected, value),
      };
    case "invalid_value":
      return { wrong: missing ? "is missing" : `${shown} is not allowed`, allowed: `one of ${oneOf(issue.values)}` };
    case "too_small":
      return { wrong: `${shown} is too small`, allowed: `at least ${issue.minimum}${measure(issue.origin)}` };
    case "too_big":
      return { wrong: `${shown} is too large`, allowed: `at most ${issue.maximum}${measure(issue.origin)}` };
    case "invalid_key":
      return {
        wrong: `key ${show(issue.path.at(-1))} is not valid`,
        allowed: issue.issues[0]?.message ?? "another key",
      };
    case "invalid_union":
      if (issue.discriminator !== undefined)
        return {
          wrong: missing ? "is missing" : `${shown} is not allowed`,
          allowed: "one of the kinds of docs/reference/catalog.md",
        };
      return {
        wrong: missing ? "is missing" : `${shown} is ${kindOf(value)}`,
        allowed: "a text in quotes, or a whole number",
      };
    default:
      return { wrong: `${shown} is not valid`, allowed: issue.message };
  }
}

function measure(origin: string): string {
  return origin === "string" ? " characters" : origin === "array" ? " entries" : "";
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) => (value === "" ? "(empty)" : String(value)));
  return words.length > LISTED
    ? `${words.slice(0, LISTED).join(", ")}, … (docs/reference/catalog.md)`
    : words.join(", ");
}

function expected(type: string, value: unknown): string {
  if (type === "string" && (typeof value === "number" || typeof value === "boolean")) return "a text: put it in quotes";
  const words: Record<string, string> = {
    string: "a text",
    int: "a whole number",
    number: "a finite number",
    boolean: "true or false",
    array: "a list",
    object: "a mapping",
    record: "a mapping",
  };
  return words[type] ?? type;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  const words: Record<string, string> = {
    string: "a text",
    number: "a number",
    boolean: "true or false",
    object: "a mapping",
  };
  return words[typeof value] ?? typeof value;
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
