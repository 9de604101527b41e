import type { RunEntry } from "../events/types.ts";

/** How far a process is, by the events that it kept. Stacks; one that is worked on twice counts twice. */
export interface Progress {
  readonly total: number;
  /** What is being worked on. */
  readonly active: readonly string[];
  /** Not begun yet. */
  readonly queued: number;
  readonly done: number;
  readonly failed: number;
  /** It has said that it is over. */
  readonly over: boolean;
  /** Some events are missing in its stream, so that it may be further than this. */
  readonly partial: boolean;
}

/** Counts the events of one process. Pure. @param entries in their order */
export function progressOf(entries: readonly RunEntry[]): Progress {
  const active = new Set<string>();
  let [total, done, failed, over] = [0, 0, 0, false];
  for (const entry of entries) {
    if (entry.event === "started") total += entry.total;
    else if (entry.event === "more") total += entry.stacks;
    else if (entry.event === "stack-started") active.add(entry.stack);
    else if (entry.event === "stack-ended") {
      active.delete(entry.stack);
      if (entry.ok) done++;
      else failed++;
    } else if (entry.event === "ended") over = true;
  }
  const seen = done + failed + active.size;
  return {
    total: Math.max(total, seen),
    active: over ? [] : [...active],
    queued: over ? 0 : Math.max(0, total - seen),
    done,
    failed,
    over,
    partial: (entries.at(-1)?.seq ?? 0) > entries.length,
  };
}
