import type { Change } from "../artifact/diff.ts";

/** Share of files that a release may delete (octoDNS's figure: MAX_SAFE_DELETE_PCENT of octodns/provider/plan.py). */
const DELETE_SHARE = 0.3;
/** Up to this many deletions the share does not count. */
const DELETE_FLOOR = 10;

/**
 * Whether a change deletes too much.
 *
 * @param before Number of files before.
 * @returns the reason in one sentence, or undefined.
 */
export function tooManyDeletions(changes: readonly Change[], before: number): string | undefined {
  const deleted = changes.filter((change) => change.action === "delete").length;
  if (deleted <= DELETE_FLOOR || deleted <= before * DELETE_SHARE) return undefined;
  const percent = Math.round((100 * deleted) / before);
  return `deletes ${deleted} of ${before} files (${percent} %; allowed are ${DELETE_SHARE * 100} % or ${DELETE_FLOOR})`;
}
