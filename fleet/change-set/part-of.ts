import { UNKNOWN } from "../engine/values.ts";
import { canonicalChange } from "./digest.ts";
import type { Change, ChangeSet } from "./shape.ts";

/**
 * Whether all of a change set is part of another one that was agreed to: the same changes on stacks that are declared the same. What
 * was not known then (the id of a project that was to be made) may be known by now, and is whatever it is. Pure.
 */
export function isPartOf(rest: ChangeSet, agreed: ChangeSet): boolean {
  const desired = new Map(agreed.stacks.map((one) => [one.stack, one.desired]));
  const touched = new Set(rest.changes.map(({ stack }) => stack));
  if (rest.stacks.some((one) => touched.has(one.stack) && desired.get(one.stack) !== one.desired)) return false;
  const known = Map.groupBy(agreed.changes, ({ urn }) => urn);
  return rest.changes.every((change) => known.get(change.urn)?.some((one) => isSame(change, one)));
}

function isSame(change: Change, agreed: Change): boolean {
  if (change.diffs.length !== agreed.diffs.length) return false;
  const before = new Map(agreed.diffs.map((diff) => [diff.path, diff.new]));
  const diffs = change.diffs.map((diff) =>
    fills(before.get(diff.path), diff.new) ? { ...diff, new: before.get(diff.path) } : diff,
  );
  return canonicalChange({ ...change, diffs }) === canonicalChange(agreed);
}

/** Whether a value is what a value with unknown places has become. */
function fills(agreed: string | undefined, now: string | undefined): boolean {
  if (agreed === undefined || now === undefined || !agreed.includes(UNKNOWN)) return false;
  // Within a value its quotes go as well: what it has become may be no text.
  const [first = "", ...rest] = agreed.split(`"${UNKNOWN}"`).flatMap((part) => part.split(UNKNOWN));
  if (!now.startsWith(first)) return false;
  let at = first.length;
  for (const [index, part] of rest.entries()) {
    const found = index === rest.length - 1 ? now.length - part.length : now.indexOf(part, at);
    if (found < at || !now.startsWith(part, found)) return false;
    at = found + part.length;
  }
  return true;
}
