import type { z } from "zod";
import type { Entry, Path, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { findingsOf } from "../shape/issues.ts";

/**
 * How a file is checked: zod compiles no function for its shape. That pays for what is checked a thousand times, as rows of sites
 * are, and is most of the CPU time where a process checks a file once.
 */
export const ONCE = { jitless: true };

/** Checks a whole file against its shape and reports everything that does not fit. */
export function checkShape(
  file: YamlFile,
  shape: z.ZodType,
  report: Report,
  hide: (path: Path) => boolean = () => false,
): void {
  reportOddNumbers(file, file.value, [], report, hide);
  const result = shape.safeParse(file.value, ONCE);
  if (result.success) return;
  for (const { rule, path, wrong, allowed } of findingsOf(result.error, file.value, hide, file.written)) {
    report(rule, file.place(path), wrong, allowed);
  }
}

/**
 * Reports numbers that YAML 1.1 and 1.2 read differently: `0123` is 83 to the one and 123 to the other, and a person may have
 * meant the text. https://yaml.org/spec/1.2.2/ext/changes/
 */
function reportOddNumbers(
  file: YamlFile,
  value: unknown,
  path: Path,
  report: Report,
  hide: (path: Path) => boolean,
): void {
  if (typeof value === "number") {
    const written = file.written(path);
    if (written === undefined || !/^[-+]?0[\do]/.test(written)) return;
    const shown = hide(path) ? "the value" : written;
    report("file.value", file.place(path), `${shown} begins with 0`, "the number without it, or the text in quotes");
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) reportOddNumbers(file, item, [...path, index], report, hide);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) reportOddNumbers(file, item, [...path, key], report, hide);
  }
}

/** The value of a key of a mapping; undefined for anything else. */
export function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as Record<string, unknown>)[key];
}

/** The list under a key; undefined when there is none. */
export function listField(value: unknown, key: string): unknown[] | undefined {
  const list = field(value, key);
  return Array.isArray(list) ? list : undefined;
}

/** The texts under `key` of every mapping in a list. */
export function textsOf(list: readonly unknown[], key: string): string[] {
  return list.map((item) => field(item, key)).filter((value) => typeof value === "string");
}

/**
 * What can be used of one entry whose problems were reported already: unknown keys and wrong elements of its lists are
 * dropped. Undefined when that is not enough.
 */
export function salvage<S extends z.ZodType>(
  shape: S,
  file: YamlFile,
  path: Path,
  raw: unknown,
): Entry<z.output<S>> | undefined {
  const first = shape.safeParse(raw, ONCE);
  if (first.success) return entry(file, path, first.data, new Map());
  const copy = structuredClone(raw);
  const kept = new Map<string, number[]>();
  const dropped = new Map<string, Set<number>>();
  for (const issue of first.error.issues) {
    const at = issue.path as (string | number)[];
    const index = at.findIndex((part) => typeof part === "number");
    if (index > 0) {
      const list = at.slice(0, index).join("\0");
      const set = dropped.get(list) ?? new Set();
      dropped.set(list, set.add(at[index] as number));
    } else if (issue.code === "unrecognized_keys") {
      const owner = at.reduce<unknown>((value, part) => field(value, String(part)), copy);
      for (const key of issue.keys) delete (owner as Record<string, unknown>)[key];
    } else return undefined;
  }
  for (const [listPath, indexes] of dropped) {
    const parts = listPath.split("\0");
    const owner = parts.slice(0, -1).reduce<unknown>((value, part) => field(value, part), copy) as Record<
      string,
      unknown
    >;
    const list = owner[parts.at(-1) ?? ""] as unknown[];
    kept.set(
      listPath,
      list.flatMap((_, index) => (indexes.has(index) ? [] : [index])),
    );
    owner[parts.at(-1) ?? ""] = list.filter((_, index) => !indexes.has(index));
  }
  const second = shape.safeParse(copy, ONCE);
  return second.success ? entry(file, path, second.data, kept) : undefined;
}

/** An entry with another value at the same place. */
export function withValue<T>(original: Entry<unknown>, value: T): Entry<T> {
  return { value, at: original.at };
}

function entry<T>(file: YamlFile, base: Path, value: T, kept: ReadonlyMap<string, number[]>): Entry<T> {
  return {
    value,
    at: (...path) => {
      const written = path.map((part, index) => {
        if (typeof part !== "number") return part;
        return kept.get(path.slice(0, index).join("\0"))?.[part] ?? part;
      });
      return file.place([...base, ...written]);
    },
  };
}
