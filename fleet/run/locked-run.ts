import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import pLimit from "p-limit";
import { describeError, hasCode, SitefleetError } from "../../errors/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { readsShared } from "../../stacks/fingerprint.ts";
import { PLESK_STACK, SHARED_STACK } from "../../stacks/names.ts";
import { Journal, type JournalEvent, listRuns } from "../backend/journal/journal.ts";
import { syncRuns } from "../backend/journal/shared-runs.ts";
import { onUnheard } from "../backend/journal/unheard.ts";
import { type EngineLock, engineLocks, type ForeignKnowledge } from "../backend/locks/engine-locks.ts";
import { describeLeftovers, endLeftovers } from "../backend/locks/leftovers.ts";
import { type Holder, lockStacks } from "../backend/locks/locks.ts";
import { restoreStates } from "../backend/states/cut-off.ts";
import { inspectStates, type StateFault } from "../backend/states/inspect.ts";
import { mendBackend } from "../backend/states/mend.ts";
import { watchSpace } from "../backend/store/free-space.ts";
import { newStack } from "../engine/new-stack.ts";
import type { RepairReport } from "../engine/repair-report.ts";
import { refusalOf, repairStack } from "../repair/index.ts";
import { checkNeeds } from "./needs/index.ts";
import { type RunObserver, type RunOptions, type RunResult, runFleet } from "./run.ts";
import { RunnerPool } from "./runner/pool.ts";
import type { Session } from "./session.ts";

/** Each starts the engine a few times: more at once would only wait for the processor. */
const REPAIRS_AT_ONCE = 3;
const LOCK_LOOK_MS = 500;
/** Each is one request to the backend. */
const LOCK_LOOKS_AT_ONCE = 8;

/** What a run needs around it. */
export interface FrameOptions {
  readonly concurrency: number;
  readonly parallel?: number;
  /** How long to wait for other runs' locks, ms. */
  readonly lockWaitMs: number;
  readonly onWait?: (stack: string, holder: Holder) => void;
  readonly observer?: RunObserver;
  /** Holds stacks back, see `RunOptions`. @default none */
  readonly budget?: Pick<RunOptions, "admit" | "refuse" | "env">;
  /** What has been started already. @default none */
  readonly warm?: RunOptions["warm"];
  readonly signal?: AbortSignal;
  /** Machines that are gone for certain: what their engines have locked is taken over. @default none */
  readonly gone?: readonly string[];
  /** Told what was done about a stack whose last update was interrupted. */
  readonly onRepair?: (report: RepairReport) => void;
  /** Told, in one line, what else was put right before anything started. */
  readonly onNotice?: (line: string) => void;
}

/** What can be done inside a run: its locks are held. */
export interface RunTools {
  readonly run: string;
  /** Stops the run: Ctrl-C, lost locks, a nearly full disk. */
  readonly signal: AbortSignal | undefined;
  /** The run's stacks that can be updated. */
  readonly sound: readonly string[];
  /** The others: an update that was interrupted left something that could not be repaired. */
  readonly refused: ReadonlyMap<string, string>;
  /** Writes into the run's journal: on disk when this returns. */
  write(event: JournalEvent): void;
  /** Resolves when the journal is where machines share it. @throws SitefleetError `store.unreachable` */
  flush(): Promise<void>;
  /** Writes starts and ends down, before any other observer hears of them. */
  readonly observer: RunObserver;
  /** Its runners, for all that it has them do one after the other. */
  readonly pool: RunnerPool;
  /** Takes the locks of further stacks as well; they belong to the run from then on. @throws SitefleetError `lock.held` */
  widen(stacks: readonly string[]): Promise<void>;
  /** Brings stacks to what they are to be in place of what the catalog says. One resource that fails does not keep others from it. */
  update(desired: ReadonlyMap<string, StackState>): Promise<RunResult>;
}

/**
 * Works on stacks with all their locks held, writes a journal that survives any crash, and repairs what an earlier run left
 * half done before anything else.
 *
 * @param run Its id. A run that has a journal already is continued.
 * @param first What its journal begins with. @default it goes on with a run
 * @throws SitefleetError `disk.full`, `lock.held`, `lock.unsafe`, `store.unreachable`
 */
export async function inRun<Result>(
  session: Session,
  stacks: readonly string[],
  options: FrameOptions & {
    readonly run: string;
    readonly operation: string;
    readonly first?: Omit<
      Extract<JournalEvent, { event: "run-started" }>,
      "event" | "run" | "operation" | "stacks" | "host"
    >;
  },
  work: (tools: RunTools) => Promise<Result>,
): Promise<Result> {
  const { folders, store } = session;
  const { run, operation } = options;
  const space = watchSpace();
  const lock = (some: readonly string[]) =>
    lockStacks({
      dir: folders.state,
      store,
      stacks: some,
      run,
      gone: options.gone,
      operation,
      waitMs: options.lockWaitMs,
      onWait: options.onWait,
      signal: options.signal,
    });
  const locks = await lock(stacks);
  const further: Awaited<ReturnType<typeof lock>>[] = [];
  const { concurrency, warm } = options;
  const pool = new RunnerPool({ catalogDir: session.catalogDir, size: concurrency, env: options.budget?.env, warm });
  let journal: Journal | undefined;
  let deaf = () => {};
  try {
    // Others may have worked on them while this run waited.
    if (store) await syncRuns(store, folders.runs);
    await checkNeeds(session, stacks);
    const interrupted = interruptedStacks(folders.runs);
    const written = new Journal(folders.runs, run, store);
    journal = written;
    if (options.first)
      written.write({ event: "run-started", run, operation, ...options.first, stacks: [...stacks], host: hostname() });
    deaf = onUnheard(({ stream, code }) => written.write({ event: "output-lost", stream, code }));
    await written.flush();
    const signal = anyOf(options.signal, locks.lost, space.signal);
    const left = await endLeftovers();
    if (left.length > 0) options.onNotice?.(describeLeftovers(left));
    const unsound = await mendStates(session, stacks, options);
    const locked = await lockedStacks(stacks);
    const broken = stacks.filter(
      (stack) => !unsound.has(stack) && (interrupted.has(stack) || locked.has(stack)) && session.infos.has(stack),
    );
    const repairs = await repairAll(broken, {
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
    const refused = new Map([...unsound, ...repairs]);
    const observer = journaling(written, options.observer ?? {});
    const result = await work({
      run,
      signal,
      refused,
      sound: stacks.filter((stack) => !refused.has(stack)),
      observer,
      pool,
      write: (event) => written.write(event),
      flush: () => written.flush(),
      async widen(some) {
        further.push(await lock(some));
        written.write({ event: "run-widened", stacks: [...some] });
        await written.flush();
      },
      // Budgets hold nothing back: promotions are not limited, and a rollback does not wait.
      update: (desired) =>
        runFleet({
          operation: "up",
          keepGoing: true,
          stacks: [...desired.keys()],
          desired,
          existing: new Set(session.infos.keys()),
          catalogDir: session.catalogDir,
          configFile: session.configFile,
          concurrency,
          parallel: options.parallel,
          pool,
          signal,
          observer,
        }),
    });
    for (const { lost } of [locks, ...further]) if (lost?.aborted) throw lost.reason;
    return result;
  } finally {
    space.close();
    deaf();
    await pool.close();
    // When the backend is out of reach now: what the journal lacks there is handed in later, and the locks grow stale.
    await journal?.close().catch(() => {});
    for (const held of [locks, ...further]) await held.release().catch(() => {});
  }
}

/**
 * Puts a whole copy in the place of states that cannot be read, where that is safe. Nothing is made on top of the others, nor
 * in stacks that read the outputs of a shared stack among them: they are returned with the reason.
 */
async function mendStates(
  session: Session,
  stacks: readonly string[],
  { onNotice }: FrameOptions,
): Promise<Map<string, string>> {
  mendBackend();
  const wanted = [SHARED_STACK, ...stacks];
  let faults = await inspectStates(wanted);
  if ([...faults.values()].some(({ mendable }) => mendable)) {
    for (const { stack, from, broken } of await restoreStates(faults.values())) {
      const instead = from === undefined ? "there is no older one: it begins anew" : `${from} took its place`;
      if (from === undefined) await newStack(stack, session.configFile);
      onNotice?.(`${stack}: its state could not be read; ${instead}. The broken file is ${broken}`);
    }
    faults = await inspectStates(wanted);
  }
  return unsoundStacks(session, stacks, faults);
}

/** Stacks that must not be touched, with the reason. Where the shared stack is one, the stacks that use it are too. */
export async function unsoundStacks(
  { choice, inputs }: Pick<Session, "choice" | "inputs">,
  stacks: readonly string[],
  faults: ReadonlyMap<string, StateFault>,
): Promise<Map<string, string>> {
  const shared = faults.get(SHARED_STACK);
  const found = new Map<string, string>();
  for (const stack of stacks) {
    const fault = faults.get(stack);
    if (fault) found.set(stack, describeError(fault.error));
    else if (shared && !choice.retired.has(stack) && (await usesShared(inputs, stack)))
      found.set(stack, `it uses stack ${SHARED_STACK}, whose state ${shared.damage.says}`);
  }
  return found;
}

const usesShared = async (inputs: Session["inputs"], stack: string) =>
  stack === PLESK_STACK || readsShared(await inputs.state(stack));

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** Stacks that an engine has locked, or had when it died: plain `pulumi`, or a run that was killed. */
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
      const report = await repairOnceUnlocked(repair, until, () => waiting(stack));
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

/** Repeats a repair until the stack is unlocked: the engine of a killed run may still end what it has in flight, and then unlocks. */
async function repairOnceUnlocked<Result>(
  repair: () => Promise<Result>,
  until: number,
  waiting: () => void,
): Promise<Result> {
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

/** Passes everything on and writes starts and ends down, before any other observer hears of them. */
function journaling(journal: Journal, observer: RunObserver): RunObserver {
  return {
    async started(stack) {
      journal.write({ event: "stack-started", stack });
      await journal.flush();
      await observer.started?.(stack);
    },
    step: (stack, step) => observer.step?.(stack, step),
    stepEnded: (stack, urn) => observer.stepEnded?.(stack, urn),
    ended(result) {
      const { stack, ok, counts, errors, repaired, untouched } = result;
      if (repaired) journal.write({ event: "stack-repaired", stack, report: repaired });
      const still = !ok && untouched && !repaired ? { untouched } : {};
      journal.write({ event: "stack-ended", stack, ok, counts, errors: [...errors], ...still });
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
