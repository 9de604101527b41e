import { hostname } from "node:os";
import { environment } from "../../environment/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { Journal, type JournalEvent } from "../backend/journal/journal.ts";
import { syncRuns } from "../backend/journal/shared-runs.ts";
import { onUnheard } from "../backend/journal/unheard.ts";
import { lockedStacks } from "../backend/locks/engine-files.ts";
import { lockStacks } from "../backend/locks/locks.ts";
import { inspectStates, listLeftovers } from "../backend/states/inspect.ts";
import { watchSpace } from "../backend/store/free-space.ts";
import { lookAnew } from "../backend/store/look.ts";
import { checkNeeds } from "./needs/index.ts";
import { interruptedStacks, type RepairOptions, repairInterrupted } from "./repair-first.ts";
import { type RunObserver, type RunOptions, type RunResult, runFleet } from "./run.ts";
import { RunnerPool } from "./runner/pool.ts";
import type { Session } from "./session.ts";

/** What a run needs around it. */
export interface FrameOptions extends RepairOptions {
  readonly concurrency: number;
  readonly parallel?: number;
  readonly observer?: RunObserver;
  /** Holds stacks back, see `RunOptions`. @default none */
  readonly budget?: Pick<RunOptions, "admit" | "refuse" | "env">;
  /** What has been started already. @default none */
  readonly warm?: RunOptions["warm"];
  readonly signal?: AbortSignal;
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
  const lock = async (some: readonly string[]) => {
    const held = await lockStacks({
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
    // What is decided from here on is decided by what lies there now: others may have worked until the locks were taken.
    lookAnew();
    return held;
  };
  const locks = await lock(stacks);
  const further: Awaited<ReturnType<typeof lock>>[] = [];
  const { concurrency, warm } = options;
  const pool = new RunnerPool({ catalogDir: session.catalogDir, size: concurrency, env: options.budget?.env, warm });
  let journal: Journal | undefined;
  let deaf = () => {};
  try {
    // Others may have worked on them while this run waited. What is looked at below is read meanwhile where each question takes its time.
    await Promise.all([
      store && syncRuns(store, folders.runs),
      checkNeeds(session, stacks),
      store && inspectStates(stacks),
      // Where there was no stack when the session was opened, there mostly is none still.
      store && session.infos.size === 0 && listLeftovers(),
      store && lockedStacks(environment()),
    ]);
    const interrupted = interruptedStacks(folders.runs);
    const written = new Journal(folders.runs, run, store);
    journal = written;
    if (options.first)
      written.write({ event: "run-started", run, operation, ...options.first, stacks: [...stacks], host: hostname() });
    deaf = onUnheard(({ stream, code }) => written.write({ event: "output-lost", stream, code }));
    const signal = anyOf(options.signal, locks.lost, space.signal);
    // It is handed in soon, and in any case before a stack starts: until then there is nothing that another machine would have to go on with.
    const refused = await repairInterrupted(session, stacks, options, { interrupted, journal: written });
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
    // When the backend is out of reach now: what the journal lacks there is handed in later, and the locks grow stale.
    await Promise.all([pool.close(), journal?.close().catch(() => {})]);
    for (const held of [locks, ...further]) await held.release().catch(() => {});
  }
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
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
