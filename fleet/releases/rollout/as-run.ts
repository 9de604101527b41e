import type { RunRecord } from "../../backend/journal/journal.ts";
import type { RolloutRecord } from "./types.ts";

/**
 * A rollout as one run: from its first, with every stack that one of its runs has touched. For going back to what was before
 * all of it. Undefined when none of its runs is known. Pure.
 */
export function asRun({ id, waves }: RolloutRecord, runs: readonly RunRecord[]): RunRecord | undefined {
  const ids = new Set(waves.flatMap((wave) => wave.runs));
  const own = runs.filter(({ run }) => ids.has(run));
  const [first] = own.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  if (first === undefined) return undefined;
  const all = (pick: (run: RunRecord) => readonly string[]) => [...new Set(own.flatMap(pick))];
  return {
    run: id,
    operation: "rollout",
    startedAt: first.startedAt,
    host: first.host,
    stacks: all(({ stacks }) => stacks),
    done: all(({ done }) => done),
    failed: all(({ failed }) => failed),
    interrupted: all(({ interrupted }) => interrupted),
    complete: own.every(({ complete }) => complete),
  };
}
