import { setTimeout } from "node:timers/promises";
import pLimit from "p-limit";
import { describeError, hasCode, SitefleetError } from "../errors/index.ts";
import { listStacks } from "./engine/list-stacks.ts";
import type { JobResult } from "./engine/operate.ts";
import { remember } from "./index/survey.ts";
import { Journal, listRuns, newRunId } from "./journal/journal.ts";
import { type Holder, lockStacks } from "./lock/locks.ts";
import { type RepairReport, refusalOf, repairStack } from "./repair/index.ts";
import { type RunObserver, type RunOptions, type RunResult, runFleet } from "./run.ts";
import type { Session } from "./session.ts";

/** Each starts the engine a few times: more at once would only wait for the processor. */
const REPAIRS_AT_ONCE = 3;
const LOCK_LOOK_MS = 500;

/** Options of {@link applyRun}. */
export interface ApplyOptions {
  /** Stacks to update, in order. @default the session's open ones */
  readonly stacks?: readonly string[];
  readonly concurrency: number;
  readonly parallel?: number;
  readonly refresh?: boolean;
  /** How long to wait for other runs' locks, ms. */
  readonly lockWaitMs: number;
  readonly onWait?: (stack: string, holder: Holder) => void;
  readonly observer?: RunObserver;
  /** Holds stacks back, see `RunOptions`. @default none */
  readonly budget?: Pick<RunOptions, "admit" | "refuse" | "env">;
  readonly signal?: AbortSignal;
  /** Run that this one goes on with. */
  readonly resumes?: string;
  /**
   * Called when the locks are held and before anything is changed; may refuse by throwing. Returns the engine's plans by
   * stack, which the update is held to. @default none
   */
  readonly confirm?: (stacks: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Told what was done about a stack whose last update was interrupted. */
  readonly onRepair?: (report: RepairReport) => void;
}

/** A run with its id. */
export interface AppliedRun extends RunResult {
  readonly run: string;
}

/**
 * Updates stacks: takes all their locks first, writes a journal that survives any crash, repairs what an earlier run left
 * half done, and remembers what is as declared now.
 *
 * @throws SitefleetError `lock.held`
 */
export async function applyRun(session: Session, options: ApplyOptions): Promise<AppliedRun> {
  const stacks = options.stacks ?? session.open;
  const run = newRunId();
  if (stacks.length === 0) return { run, results: [], skipped: [], milliseconds: 0 };
  const locks = await lockStacks({
    dir: session.folders.locks,
    stacks,
    run,
    operation: "up",
    waitMs: options.lockWaitMs,
    ...(options.onWait ? { onWait: options.onWait } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const interrupted = interruptedStacks(session.folders.runs);
  const journal = new Journal(session.folders.runs, run);
  try {
    journal.write({
      event: "run-started",
      run,
      operation: "up",
      stacks: [...stacks],
      ...(options.resumes ? { resumes: options.resumes } : {}),
    });
    const broken = stacks.filter((stack) => interrupted.has(stack) && session.infos.has(stack));
    const refused = await repairAll(broken, session.configFile, options.lockWaitMs, (report) => {
      journal.write({ event: "stack-repaired", stack: report.stack, report });
      options.onRepair?.(report);
    });
    const sound = stacks.filter((stack) => !refused.has(stack));
    const plans = await options.confirm?.(sound);
    const result = await runFleet({
      operation: "up",
      ...(plans ? { plans } : {}),
      stacks: sound,
      existing: new Set(session.infos.keys()),
      retired: session.choice.retired,
      catalogDir: session.catalogDir,
      configFile: session.configFile,
      concurrency: options.concurrency,
      ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
      ...(options.refresh ? { refresh: true } : {}),
      ...options.budget,
      ...(options.signal ? { signal: options.signal } : {}),
      observer: journaling(journal, options.observer ?? {}),
    });
    await rememberDone(session, result.results);
    const skipped = [...result.skipped, ...[...refused].map(([stack, reason]) => ({ stack, reason }))];
    const ok = skipped.length === 0 && result.results.every((one) => one.ok);
    journal.write({ event: "run-ended", ok, ...(options.signal?.aborted ? { reason: "stopped" } : {}) });
    return { run, ...result, skipped };
  } finally {
    journal.close();
    locks.release();
  }
}

/** Repairs stacks, some at a time; returns those that cannot be, with the reason. */
async function repairAll(
  stacks: readonly string[],
  configFile: string,
  waitMs: number,
  done: (report: RepairReport) => void,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const limit = pLimit(REPAIRS_AT_ONCE);
  const until = Date.now() + waitMs;
  const one = async (stack: string) => {
    try {
      const report = await patient(() => repairStack(stack, { configFile }), until);
      done(report);
      const refusal = refusalOf([report]);
      // An update on top of something undecided could make it twice.
      const undecided = report.resources.filter(({ outcome }) => outcome === "kept");
      if (refusal) refused.set(stack, [refusal.message, ...refusal.details].join("; "));
      else if (!report.ok) {
        refused.set(stack, `not decided yet: ${undecided.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`);
      }
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      refused.set(stack, describeError(error));
    }
  };
  await Promise.all(stacks.map((stack) => limit(() => one(stack))));
  return refused;
}

/** The engine of a run that was killed may still be ending what it had in flight: its lock goes by itself then. */
async function patient<Result>(repair: () => Promise<Result>, until: number): Promise<Result> {
  for (;;) {
    try {
      return await repair();
    } catch (error) {
      if (!hasCode(error, "stack.locked") || Date.now() > until) throw error;
      await setTimeout(LOCK_LOOK_MS);
    }
  }
}

/** Passes everything on and writes starts and ends down, before anybody else hears of them. */
function journaling(journal: Journal, observer: RunObserver): RunObserver {
  return {
    started(stack) {
      journal.write({ event: "stack-started", stack });
      observer.started?.(stack);
    },
    step: (stack, step) => observer.step?.(stack, step),
    ended(result) {
      const { stack, ok, counts, errors, repaired } = result;
      if (repaired) journal.write({ event: "stack-repaired", stack, report: repaired });
      journal.write({ event: "stack-ended", stack, ok, counts, errors: [...errors] });
      observer.ended?.(result);
    },
  };
}

/** Stacks whose last mention in any journal is a start without an end, or a failure. */
function interruptedStacks(dir: string): Set<string> {
  const latest = new Map<string, boolean>();
  for (const record of listRuns(dir)) {
    for (const stack of record.done) if (!latest.has(stack)) latest.set(stack, false);
    for (const stack of [...record.interrupted, ...record.failed]) if (!latest.has(stack)) latest.set(stack, true);
  }
  return new Set([...latest].filter(([, broken]) => broken).map(([stack]) => stack));
}

async function rememberDone(session: Session, results: readonly JobResult[]): Promise<void> {
  const stacks = results.filter(({ ok, stack }) => ok && !session.choice.retired.has(stack)).map(({ stack }) => stack);
  if (stacks.length === 0) return;
  const { inputs, configFile, folders } = session;
  await remember({ stacks, infos: await listStacks(), inputs, configFile, dir: folders.state });
}
