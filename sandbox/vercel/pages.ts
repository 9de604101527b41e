import type { Call } from "./api.ts";

/** Pagination member of every list. */
export interface Page {
  readonly count: number;
  readonly next: number | null;
  readonly prev: number | null;
}

/** Largest page of the API. */
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;

/**
 * One page of records, newest first, cut by time of creation: `until` and `from` give what is older, `since` what is
 * newer, `limit` at most 100 (20 when absent).
 * @param records in order of creation
 */
export function page<T extends { readonly createdAt: number }>(
  call: Call,
  records: Iterable<T>,
  keep: (record: T) => boolean = () => true,
): { items: T[]; pagination: Page } {
  const limit = Math.min(MAX_LIMIT, Math.max(1, Number(call.req.query("limit")) || DEFAULT_LIMIT));
  const until = time(call.req.query("until") ?? call.req.query("to") ?? call.req.query("from")) ?? Infinity;
  const since = time(call.req.query("since")) ?? -Infinity;
  const all = [...records];
  const items: T[] = [];
  let more = false;
  for (let index = all.length - 1; index >= 0; index -= 1) {
    const record = all[index]!;
    if (record.createdAt >= until || record.createdAt <= since || !keep(record)) continue;
    if (items.length === limit) {
      more = true;
      break;
    }
    items.push(record);
  }
  const next = more ? (items.at(-1)?.createdAt ?? null) : null;
  return { items, pagination: { count: items.length, next, prev: items[0]?.createdAt ?? null } };
}

function time(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
