import type { JobResult } from "../../engine/job.ts";
import type { RunResult } from "../../run/run.ts";

/** What a run of updates came to, as far as going back is concerned. */
export type RunEnd = Pick<RunResult, "results" | "skipped">;

/** How something goes back that was judged bad, or that a person wants back. */
export interface WayBack<Left, Run extends RunEnd, Seen> {
  /** Remembers the releases that are left as bad; see `leaveReleases`. */
  leave(): Promise<Left>;
  /** Brings the stacks to what they were. */
  update(): Promise<Run>;
  /**
   * Asks the sites that went back.
   *
   * @param errors why something did not go back; empty when all did
   */
  ask(errors: readonly string[]): Promise<Seen>;
  /** A stack's failure in words. @default its first error */
  readonly words?: (result: JobResult) => string;
  readonly signal?: AbortSignal | undefined;
}

/** What came of going back. */
export interface TookBack<Left, Run, Seen> {
  readonly left: Left;
  readonly run: Run;
  /** Why something did not go back; empty when all did. */
  readonly errors: readonly string[];
  readonly seen: Seen;
}

/**
 * Takes something back, in the one order that survives a crash and another process: releases are remembered as bad, then
 * stacks are updated, then the sites are asked. Everything in it can be done again. What it throws is what its parts throw.
 *
 * @returns undefined when it was stopped in the middle: the next process does it again
 */
export async function takeBack<Left, Run extends RunEnd, Seen>(
  way: WayBack<Left, Run, Seen>,
): Promise<TookBack<Left, Run, Seen> | undefined> {
  // Before anything goes back: an update that starts meanwhile must not bring the release again.
  const left = await way.leave();
  const run = await way.update();
  if (way.signal?.aborted) return undefined;
  const errors = failuresOf(run, way.words);
  const seen = await way.ask(errors);
  if (way.signal?.aborted) return undefined;
  return { left, run, errors, seen };
}

/**
 * Why a run did not do everything; empty when it did. Pure.
 *
 * @param words a stack's failure in words. @default its first error
 */
export function failuresOf({ results, skipped }: RunEnd, words: (result: JobResult) => string = firstError): string[] {
  return [
    ...results.filter(({ ok }) => !ok).map((result) => `${result.stack}: ${words(result)}`),
    ...skipped.map(({ stack, reason }) => `${stack}: ${reason}`),
  ];
}

const firstError = ({ errors }: JobResult): string => errors[0] ?? "failed";
