import { median } from "./judge/time.ts";
import type { Target } from "./types.ts";

/** Earlier times to the head of an answer, ms, by vantage and target; the newest last. */
export type Times = ReadonlyMap<string, readonly number[]>;

/** The key of a target's times from a vantage. */
export const timesKey = (vantage: string, id: string): string => `${vantage} ${id}`;

/** What is usual for a target, ms; undefined while fewer times are known than its rule asks for. Pure. */
export function usualOf(
  times: Times,
  vantage: string,
  { id, check }: Pick<Target, "id" | "check">,
): number | undefined {
  const known = times.get(timesKey(vantage, id)) ?? [];
  return known.length < check.slow.least ? undefined : median(known);
}
