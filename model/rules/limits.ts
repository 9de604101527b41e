import type { Draft } from "../draft.ts";
import { findLimit } from "../limits.ts";
import type { Report } from "../problem.ts";

/** Limits are given once a plan. */
export function limitRules(draft: Draft, report: Report): void {
  const seen = new Map<string, number>();
  for (const { value, at } of draft.limits ?? []) {
    if (!value.id.startsWith(`${value.vendor}.`)) {
      report(
        "limit.unique",
        at("id"),
        `${value.id} is not of vendor ${value.vendor}`,
        `an id that begins with "${value.vendor}."`,
      );
    }
    const key = `${value.id} for plan ${value.plan}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at("id").line);
    else report("limit.unique", at("id"), `${key} stands a second time, first in line ${first}`, "one of them");
  }
}

/** Gives the amounts of limits to rules; a missing one is reported once, where limits are written. */
export function limitReader(draft: Draft, report: Report): (id: string, plan?: string) => number {
  const limits = draft.limits?.map((entry) => entry.value);
  const missing = new Set<string>();
  return (id, plan) => {
    const limit = limits && findLimit(limits, id, plan);
    if (limit) return limit.amount;
    // One that is written but not valid has been reported already.
    const written = limits?.every((known) => known.id !== id) && draft.limitIds?.has(id);
    if (draft.limitsPlace && !written && !missing.has(id)) {
      missing.add(id);
      const wanted = plan === undefined ? id : `${id} for plan ${plan}`;
      report(
        "limit.required",
        draft.limitsPlace,
        `${wanted} is missing`,
        "every limit that docs/reference/catalog.md lists as needed",
      );
    }
    return Number.POSITIVE_INFINITY;
  };
}

/** Reads a limit's amount: id, plan. Infinity when it is not known. */
export type LimitOf = ReturnType<typeof limitReader>;
