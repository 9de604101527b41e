import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import pLimit from "p-limit";
import { describeError, hasCode, SitefleetError } from "../errors/index.ts";
import type { StackState } from "../stacks/desired.ts";
import { listStacks } from "./engine/list-stacks.ts";
import type { JobResult } from "./engine/operate.ts";
import { shareIndex } from "./index/shared-index.ts";
import { remember } from "./index/survey.ts";
import { Journal, listRuns, newRunId, type RunRecord } from "./journal/journal.ts";
import { syncRuns } from "./journal/shared-runs.ts";
import { type Holder, lockStacks } from "./lock/locks.ts";
import {
  type EngineLock,
  engineLocks,
  type ForeignKnowledge,
  type RepairReport,
  refusalOf,
  repairStack,
} from "./repair/index.ts";
import { requireShared } from "./require-shared.ts";
import { type RunObserver, type RunOptions, type RunResult, runFleet } from "./run.ts";
import type { Session } from "./session.ts";
import { watchSpace } from "./store/free-space.ts";

/** Each starts the engine a few times: more at once would only wait for the processor. */
const REPAIRS_AT_ONCE = 3;
const LOCK_LOOK_MS = 500;
/** Each is one request to the backend. */
const LOCK_LOOKS_AT_ONCE = 8;

/** Options of {@link applyRun}. */
export interface ApplyOptions {
  /** Stacks to update, in order. @default the session's open ones */
  readonly stacks?: readonly string[];
  readonly concurrency: number;
  readonly parallel?: number;
  readonly refresh?: boolean;
  /** A rollback: what stacks are to be in place of what the catalog says, and where it came from. @default the catalog's */
  readonly rollback?: {
    readonly desired: ReadonlyMap<string, StackState>;
    readonly aims: NonNullable<RunRecord["aims"]>;
  };
  /** What stacks are to be for now, in place of what the catalog says: a wave of a rollout. @default the catalog's */
  readonly desired?: ReadonlyMap<string, StackState>;
  /** In a word, for journals and locks. @default "rollback" with `rollback`, else "up" */
  readonly operation?: "rollout";
  /** Only what belongs to these services of the Plesk stack; then the stack is not remembered as being as declared. @default everything */
  readonly services?: readonly string[];
  /** How long to wait for other runs' locks, ms. */
  readonly lockWaitMs: number;
  readonly onWait?: (stack: string, holder: Holder) => void;
  readonly observer?: RunObserver;
  /** Holds stacks back, see `RunOptions`. @default none */
  readonly budget?: Pick<RunOptions, "admit" | "refuse" | "env">;
  readonly signal?: AbortSignal;
  /** Run that this one goes on with. */
  readonly resumes?: string;
  /** Machines that are gone for certain: what their engines have locked is taken over. @default none */
  readonly gone?: readonly string[];
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
 * @throws SitefleetError `disk.full`, `lock.held`, `lock.unsafe`, `shared.missing`, `store.unreachable`
 */
export async function applyRun(session: Session, options: ApplyOptions): Promise<AppliedRun> {
  const stacks = options.stacks ?? session.open;
  const run = newRunId();
  if (stacks.length === 0) return { run, results: [], skipped: [], milliseconds: 0 };
  await requireShared(session, stacks);
  const { folders, store } = session;
  const operation = options.operation ?? (options.rollback ? "rollback" : "up");
  const desired = options.rollback?.desired ?? options.desired;
  const space = watchSpace();
  const locks = await lockStacks({
    dir: folders.locks,
    store,
    stacks,
    run,
    ...(options.gone ? { gone: options.gone } : {}),
    operation,
    waitMs: options.lockWaitMs,
    ...(options.onWait ? { onWait: options.onWait } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  let journal: Journal | undefined;
  try {
    // Others may have worked on them while this run waited.
    if (store) await syncRuns(store, folders.runs);
    const interrupted = interruptedStacks(folders.runs);
    const written = new Journal(folders.runs, run, store);
    journal = written;
    written.write({
      event: "run-started",
      run,
      operation,
      ...(options.rollback
        ? {
            aims: options.rollback.aims.map(({ hosts, ...aim }) => ({
              ...aim,
              ...(hosts ? { hosts: [...hosts] } : {}),
            })),
          }
        : {}),
      stacks: [...stacks],
      host: hostname(),
      ...(options.resumes ? { resumes: options.resumes } : {}),
    });
    await written.flush();
    const signal = anyOf(options.signal, locks.lost, space.signal);
    const locked = await lockedStacks(stacks);
    const broken = stacks.filter((stack) => (interrupted.has(stack) || locked.has(stack)) && session.infos.has(stack));
    const refused = await repairAll(broken, {
      configFile: session.configFile,
      waitMs: options.lockWaitMs,
      foreign: (stack) => ({ gone: new Set(options.gone), ...interrupted.get(stack) }),
      done: (report) => {
        written.write({ event: "stack-repaired", stack: report.stack, report });
        options.onRepair?.(report);
      },
      waiting: (stack) => {
        const holder = locked.get(stack);
        if (holder) options.onWait?.(stack, holder);
      },
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
      ...(options.services ? { services: options.services } : {}),
      ...(desired ? { desired } : {}),
      ...options.budget,
      ...(signal ? { signal } : {}),
      observer: journaling(written, options.observer ?? {}),
    });
    if (options.services === undefined) await rememberDone(session, result.results, desired);
    const skipped = [...result.skipped, ...[...refused].map(([stack, reason]) => ({ stack, reason }))];
    const ok = skipped.length === 0 && result.results.every((one) => one.ok);
    written.write({ event: "run-ended", ok, ...(signal?.aborted ? { reason: "stopped" } : {}) });
    if (locks.lost?.aborted) throw locks.lost.reason;
    return { run, ...result, skipped };
  } finally {
    space.close();
    // When the backend is out of reach now: what the journal lacks there is handed in later, and the locks grow stale.
    await journal?.close().catch(() => {});
    await Promise.resolve(locks.release()).catch(() => {});
  }
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Stacks that an engine has locked, or had when it died: somebody's plain `pulumi`, or a run that was killed. */
async function lockedStacks(stacks: readonly string[]): Promise<Map<string, Holder>> {
  const limit = pLimit(LOCK_LOOKS_AT_ONCE);
  const found = await Promise.all(
    stacks.map((stack) => limit(async () => [stack, (await engineLocks(stack))[0]] as const)),
  );
  return new Map(found.flatMap(([stack, lock]) => (lock ? [[stack, holderOf(lock)] as const] : [])));
}

const holderOf = ({ user, host, pid, since }: EngineLock): Holder => ({
  run: "of pulumi itself",
  user,
  host,
  pid,
  startTicks: "",
  operation: "pulumi",
  since,
});

interface Repairs {
  readonly configFile: string;
  readonly waitMs: number;
  readonly foreign: (stack: string) => ForeignKnowledge;
  readonly done: (report: RepairReport) => void;
  /** Told once for a stack whose engine still works. */
  readonly waiting: (stack: string) => void;
}

/** Repairs stacks, some at a time; returns those that cannot be, with the reason. */
async function repairAll(
  stacks: readonly string[],
  { configFile, waitMs, foreign, done, waiting }: Repairs,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const limit = pLimit(REPAIRS_AT_ONCE);
  const until = Date.now() + waitMs;
  const one = async (stack: string) => {
    try {
      const repair = () => repairStack(stack, { configFile, foreign: foreign(stack) });
      const report = await patient(repair, until, () => waiting(stack));
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
async function patient<Result>(repair: () => Promise<Result>, until: number, waiting: () => void): Promise<Result> {
  for (let looked = 0; ; looked++) {
    try {
      return await repair();
    } catch (error) {
      if (!hasCode(error, "stack.locked") || Date.now() > until) throw error;
      if (looked === 0) waiting();
      await setTimeout(LOCK_LOOK_MS);
    }
  }
}

/** Passes everything on and writes starts and ends down, before anybody else hears of them. */
function journaling(journal: Journal, observer: RunObserver): RunObserver {
  return {
    async started(stack) {
      journal.write({ event: "stack-started", stack });
      await journal.flush();
      await observer.started?.(stack);
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

/** Stacks whose last mention in any journal is a start without an end, or a failure; with where and since when. */
function interruptedStacks(dir: string): Map<string, Pick<ForeignKnowledge, "left">> {
  const latest = new Map<string, Pick<ForeignKnowledge, "left"> | undefined>();
  for (const { done, interrupted, failed, host, startedAt } of listRuns(dir)) {
    for (const stack of done) if (!latest.has(stack)) latest.set(stack, undefined);
    const left = host === undefined ? {} : { left: { host, since: startedAt } };
    for (const stack of [...interrupted, ...failed]) if (!latest.has(stack)) latest.set(stack, left);
  }
  return new Map([...latest].flatMap(([stack, left]) => (left === undefined ? [] : [[stack, left] as const])));
}

/**
 * Remembers what stacks are now. After a rollback, or between the waves of a rollout, that is not as declared: the next preview
 * shows what differs, and need not ask the stacks what they were brought to.
 */
async function rememberDone(
  session: Session,
  results: readonly JobResult[],
  desired: ReadonlyMap<string, StackState> | undefined,
): Promise<void> {
  const stacks = results.filter(({ ok, stack }) => ok && !session.choice.retired.has(stack)).map(({ stack }) => stack);
  if (stacks.length === 0) return;
  const { configFile, folders, store } = session;
  const inputs = {
    ...session.inputs,
    state: async (stack: string) => desired?.get(stack) ?? session.inputs.state(stack),
  };
  await remember({ stacks, infos: await listStacks(), inputs, configFile, dir: folders.state });
  if (store) await shareIndex(store, folders.state);
}
