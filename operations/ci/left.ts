import type { RunRecord } from "../../fleet/backend/journal/journal.ts";
import { unfinishedRuns } from "../../fleet/releases/health-gate/index.ts";
import type { RolloutEntry, RolloutRecord } from "../../fleet/releases/rollout/index.ts";

/** Older runs are left alone: the catalog has gone on since. */
const LONGEST_MS = 7 * 86_400_000;

/** A run that is not at its end, and nothing speaks against going on with it. */
export interface LeftRun {
  readonly run: string;
  /** Stacks that it has begun or was to begin; empty where only a judgement or a way back is left. */
  readonly left: readonly string[];
  readonly reason: string;
}

/** What is at work, and what a person wants. */
export interface LeftOptions {
  /** Runs that hold locks, and whose process lives. */
  readonly living: ReadonlySet<string>;
  /** Also what a person or a signal has stopped. */
  readonly stopped: boolean;
  /** ms since 1970 */
  readonly now: number;
}

/**
 * Updates that wait for a budget, or whose process is gone, the newest first. A stack that failed waits for a person, and one that a
 * later run was about is that run's. Pure.
 *
 * @param runs the newest first
 */
export function leftRuns(runs: readonly RunRecord[], { living, stopped, now }: LeftOptions): LeftRun[] {
  const open = new Map(unfinishedRuns(runs).map(({ run, left }) => [run.run, left]));
  const later = new Set<string>();
  const found: LeftRun[] = [];
  for (const record of runs) {
    const { run, stacks, done, failed, interrupted, operation, ended, startedAt, host } = record;
    const left = stacks.filter((stack) => !done.includes(stack) && !failed.includes(stack) && !later.has(stack));
    for (const stack of stacks) later.add(stack);
    const old = now - Date.parse(startedAt) > LONGEST_MS;
    if (operation !== "up" || old || living.has(run) || (ended === "stopped" && !stopped)) continue;
    const settle = open.get(run);
    if (left.length === 0 && settle === undefined) continue;
    found.push({ run, left, reason: reasonOf({ ended, host, interrupted, settle, left }) });
  }
  return found;
}

function reasonOf({
  ended,
  host = "an unknown machine",
  interrupted,
  settle,
  left,
}: Pick<RunRecord, "ended" | "host" | "interrupted"> & {
  readonly settle: "judge" | "go-back" | undefined;
  readonly left: readonly string[];
}): string {
  if (left.length === 0)
    return settle === "go-back" ? "it has not gone back as a whole" : "it was not judged to its end";
  if (ended === "stopped") return "it was stopped";
  if (ended === undefined)
    return `its process on ${host} is gone${interrupted.length > 0 ? ", in the middle of a stack" : ""}`;
  return "a vendor's limit or another run kept it from the rest";
}

/** Errors that pass: the step is done again by the process that goes on. */
const PASSING = new Set(["store.unreachable", "store.busy", "backend.unreachable", "lock.held", "lock.lost"]);

/**
 * Why a rollout can be gone on with without a person; undefined when it is over, at work, or waits for one. Pure.
 *
 * @param held a process carries it out
 */
export function rolloutLeft(
  { status, waves }: Pick<RolloutRecord, "status" | "waves">,
  events: readonly RolloutEntry[],
  { held, stopped }: { readonly held: boolean; readonly stopped: boolean },
): string | undefined {
  if (held) return undefined;
  if (status === "running" || status === "aborting") return "its process is gone";
  if (status !== "paused") return undefined;
  const last = events.findLast((entry) => entry.event === "paused");
  if (last?.event !== "paused") return undefined;
  if (last.reason === "stopped") return stopped ? "it was stopped" : undefined;
  if (last.by !== "sitefleet") return undefined;
  if (last.code !== undefined) return PASSING.has(last.code) ? last.reason : undefined;
  // Without an error of its own, only what was not begun is left; in another step a person decides.
  return waves.some(({ step }) => step === "applying") ? last.reason : undefined;
}
