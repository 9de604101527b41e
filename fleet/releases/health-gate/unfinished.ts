import type { RunRecord } from "../../backend/journal/journal.ts";

/** A run whose changes were not judged to the end, or that were judged bad and have not gone back. */
export interface Unfinished {
  readonly run: RunRecord;
  /** `judge`: its sites have not been judged; `go-back`: they were, and something has not gone back. */
  readonly left: "judge" | "go-back";
  /** Stacks of it that no later run has touched. */
  readonly stacks: readonly string[];
}

/** What became of a stack in a run. `untouched`: it was not started, or failed before it changed anything. */
export type StackEnd = "done" | "failed" | "untouched";

/** How the stacks of a run ended, with those of the runs that it went on with. Pure. */
export function endsOf({
  stacks,
  done,
  failed,
  interrupted,
  untouched = [],
  watched,
}: RunRecord): Map<string, StackEnd> {
  const ends = new Map<string, StackEnd>(Object.entries(watched?.carried ?? {}));
  for (const stack of stacks) if (!ends.has(stack)) ends.set(stack, "untouched");
  for (const stack of done) ends.set(stack, "done");
  // What failed before it had changed anything ended as the run found it.
  for (const stack of [...failed, ...interrupted]) if (!untouched.includes(stack)) ends.set(stack, "failed");
  return ends;
}

/**
 * The runs that have left an open judgement or an open rollback, the newest first. A run is not among them when a later run went on
 * with it, or brought the same stacks to something else. Pure.
 *
 * @param runs the newest first
 */
export function unfinishedRuns(runs: readonly RunRecord[]): Unfinished[] {
  const replaced = new Set<string>();
  const later = new Set<string>();
  const found: Unfinished[] = [];
  for (const run of runs) {
    const touched = [...endsOf(run)].flatMap(([stack, end]) => (end === "untouched" ? [] : [stack]));
    const left = replaced.has(run.run) ? undefined : leftBy(run);
    const stacks = touched.filter((stack) => run.watched?.before[stack] !== undefined && !later.has(stack));
    if (left !== undefined && stacks.length > 0) found.push({ run, left, stacks });
    if (run.watched?.carries !== undefined) replaced.add(run.watched.carries);
    for (const stack of touched) later.add(stack);
  }
  return found;
}

function leftBy({ watched, judged, wentBack }: RunRecord): Unfinished["left"] | undefined {
  if (watched === undefined) return undefined;
  if (judged === undefined) return watched.sites === 0 ? undefined : "judge";
  if (judged.back === undefined || Object.keys(judged.back.desired).length === 0) return undefined;
  return wentBack?.ok ? undefined : "go-back";
}
