import type { RunRecord } from "../journal/journal.ts";

/**
 * The version that a stack, or these sites of it, were taken back to by the last run that touched them; undefined when that
 * run was no rollback. Going back once more starts from there: otherwise two rollbacks in a row would go to and fro between
 * two versions. Pure.
 *
 * @param runs the newest first
 */
export function rolledBackTo(
  runs: readonly RunRecord[],
  stack: string,
  hosts: readonly string[] | undefined,
): number | undefined {
  for (const { aims, done, failed, interrupted } of runs) {
    if (!done.includes(stack)) {
      if (failed.includes(stack) || interrupted.includes(stack)) return undefined;
      continue;
    }
    const aim = aims?.find((one) => one.stack === stack);
    if (aim === undefined) return undefined;
    if (aim.hosts === undefined) return aim.to;
    // A rollback of other sites says nothing about these.
    if (hosts !== undefined && !hosts.some((host) => aim.hosts?.includes(host))) continue;
    return hosts?.every((host) => aim.hosts?.includes(host)) ? aim.to : undefined;
  }
  return undefined;
}
