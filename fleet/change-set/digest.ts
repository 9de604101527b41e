import { createHash } from "node:crypto";
import { canonicalJson } from "../../stacks/digest.ts";
import type { Change, ChangeSet } from "./shape.ts";

/** The part of a change set that its digest covers. */
export type Content = Pick<ChangeSet, "target" | "stacks" | "changes">;

/**
 * sha-256 over what would be done: the target; each stack that has changes or failed, with the digest of its desired
 * state (it stands for what a masked value hides, e.g. a service's new release); and every change. No time, no path of a
 * machine, no order of events, no counts of what stays. Stacks without changes are left out, so that it does not matter
 * whether they were opened. Pure.
 */
export function changeSetDigest(content: Content): string {
  const touched = new Set(content.changes.map(({ stack }) => stack));
  const stacks = content.stacks
    .filter(({ stack, ok }) => touched.has(stack) || !ok)
    .map(({ stack, ok, desired }) => canonicalJson({ stack, ok, desired: desired ?? null }))
    .sort();
  const hash = createHash("sha256").update(canonicalJson({ version: 1, target: content.target ?? null }));
  // Line by line: the canonical form of a whole fleet's changes need not be held as one text.
  for (const line of stacks) hash.update(`\n${line}`);
  for (const line of content.changes.map(canonicalChange).sort()) hash.update(`\n${line}`);
  return hash.digest("hex");
}

/** One change in canonical form; group and channel are left out, since they follow from the rest, and so is the cause: the same is done. Pure. */
export function canonicalChange(change: Change): string {
  const { group: _, cause: __, channel: ___, diffs, ...rest } = change;
  const sorted = diffs.map((diff) => canonicalJson(diff)).sort();
  return canonicalJson({ ...rest, diffs: sorted });
}
