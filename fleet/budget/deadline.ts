import { SitefleetError } from "../../errors/index.ts";

/** What stacks that were not started get as their reason. */
export const BEFORE_LIMIT = "stopped before the job's limit";

/** GitHub's limit on a job, seconds (docs.github.com/en/actions/reference/limits). */
const DEFAULT_JOB_LIMIT_SECONDS = 6 * 3600;
/** What is left of a job for its end: the stacks in flight are awaited longer by their own estimate. */
const DEFAULT_MARGIN_SECONDS = 600;

/** The end of a run that is known from its start. */
export interface Deadline {
  /** Aborted when nothing more may be started. Not for the run's own signal: stacks in flight go on. */
  readonly signal: AbortSignal;
  /** Machine's ms since 1970 from which nothing is started. */
  readonly at: number;
  /** Why a stack of this length must not start any more; undefined = it may. */
  refuse(expectedSeconds?: number): string | undefined;
  /** Forgets the timer. */
  close(): void;
}

/**
 * A run stops starting stacks in time before its job is ended from outside, and the next one goes on.
 *
 * @param jobLimitSeconds since `startedAt`. @default 6 hours
 * @param marginSeconds kept for what is in flight and the end of the job. @default 10 minutes, at most a quarter of the limit
 * @param startedAt start of the job, machine's ms since 1970. @default now
 */
export function deadlineSignal(
  jobLimitSeconds: number = DEFAULT_JOB_LIMIT_SECONDS,
  marginSeconds: number = Math.min(DEFAULT_MARGIN_SECONDS, jobLimitSeconds / 4),
  startedAt: number = Date.now(),
): Deadline {
  const at = startedAt + Math.max(0, jobLimitSeconds - marginSeconds) * 1000;
  const abort = new AbortController();
  const end = () => abort.abort(refusal());
  const left = at - Date.now();
  // Node's timers end at 24.8 days; a job that long has no limit that matters.
  const timer = left > 2 ** 31 - 1 ? undefined : setTimeout(end, Math.max(0, left)).unref();
  if (left <= 0) end();
  return {
    signal: abort.signal,
    at,
    refuse: (expectedSeconds = 0) =>
      abort.signal.aborted || Date.now() + expectedSeconds * 1000 > at ? BEFORE_LIMIT : undefined,
    close: () => clearTimeout(timer),
  };
}

/** What {@link Deadline.signal} is aborted with, and admission refuses with: code `budget.deadline`. */
export function refusal(): SitefleetError {
  return new SitefleetError({
    code: "budget.deadline",
    message: BEFORE_LIMIT,
    hint: "run the same command again: only what is left is done",
  });
}

/** Why a stack is left whose budget comes after the job's end. @param at when it comes, ms since 1970 */
export function tooLate(stack: string, key: string, at: number): SitefleetError {
  return new SitefleetError({
    code: "budget.deadline",
    message: `needs ${key}, which is used up until ${new Date(at).toISOString().slice(0, 16)}Z, after this job's end`,
    subject: stack,
    hint: "run the same command again then: only what is left is done",
  });
}
