import type { JobResult } from "../engine/job.ts";
import { addCounts, type Counts, changes, NO_COUNTS, type Step } from "../engine/outcome.ts";
import type { RunResult } from "./run.ts";

/** A run in figures. */
export interface Summary {
  readonly total: Counts;
  readonly byStack: readonly {
    readonly stack: string;
    readonly ok: boolean;
    readonly counts: Counts;
    readonly seconds: number;
    /** Absent: one. */
    readonly attempts?: number;
  }[];
  readonly byType: readonly { readonly type: string; readonly counts: Omit<Counts, "unchanged"> }[];
  readonly failed: readonly { readonly stack: string; readonly errors: readonly string[] }[];
  readonly skipped: RunResult["skipped"];
  readonly seconds: number;
}

/** Adds a run up, by stack and by type. Pure. */
export function summarise(run: RunResult): Summary {
  const types = new Map<string, Step[]>();
  for (const { steps } of run.results) {
    for (const step of steps) types.set(step.type, [...(types.get(step.type) ?? []), step]);
  }
  return {
    total: run.results.map(({ counts }) => counts).reduce(addCounts, NO_COUNTS),
    byStack: run.results.map(({ stack, ok, counts, milliseconds, attempts }) => ({
      stack,
      ok,
      counts,
      seconds: milliseconds / 1000,
      attempts,
    })),
    byType: [...types]
      .map(([type, steps]) => ({ type, counts: countSteps(steps) }))
      .sort((a, b) => (a.type < b.type ? -1 : 1)),
    failed: run.results.filter(({ ok }) => !ok).map(({ stack, errors }) => ({ stack, errors })),
    skipped: run.skipped,
    seconds: run.milliseconds / 1000,
  };
}

function countSteps(steps: readonly Step[]): Omit<Counts, "unchanged"> {
  const count = (op: string) => steps.filter((step) => step.op === op).length;
  return {
    created: count("create") + count("import"),
    changed: count("update"),
    replaced: count("replace") + count("import-replacement"),
    deleted: count("delete"),
  };
}

/** True when every stack was reached and none failed. */
export function succeeded(run: RunResult): boolean {
  return run.skipped.length === 0 && run.results.every(({ ok }) => ok);
}

/** True when nothing failed, and what was not started is for the next run only. */
export function leftForLater(run: RunResult): boolean {
  return run.skipped.length > 0 && run.skipped.every(({ later }) => later) && run.results.every(({ ok }) => ok);
}

/** Changes of one stack, or of all. */
export function changesOf(results: readonly JobResult[]): number {
  return results.reduce((sum, { counts }) => sum + changes(counts), 0);
}
