import type { RunRecord } from "../../backend/journal/journal.ts";

/**
 * The version to which the last run on a stack, or on one site of it, has rolled it back. Undefined when that run was no rollback. The
 * next rollback starts from there. Otherwise two rollbacks in a row would switch between two versions. Pure.
 *
 * @param runs the newest first
 * @param host @default the whole stack
 */
export function rolledBackTo(runs: readonly RunRecord[], stack: string, host?: string): number | undefined {
  for (const { aims, done, failed, interrupted } of runs) {
    if (!done.includes(stack)) {
      if (failed.includes(stack) || interrupted.includes(stack)) return undefined;
      continue;
    }
    const own = aims?.filter((aim) => aim.stack === stack) ?? [];
    const found = own.find(({ hosts }) => hosts === undefined || (host !== undefined && hosts.includes(host)));
    // A rollback of other sites says nothing about this one; of the whole stack it says that it is no version of it.
    if (found === undefined && host !== undefined && own.length > 0) continue;
    return found?.to;
  }
  return undefined;
}
