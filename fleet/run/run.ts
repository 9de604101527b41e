import pLimit from "p-limit";
import { hasCode, SitefleetError } from "../../errors/index.ts";
import type { StackState } from "../../stacks/desired.ts";
import { PLESK_STACK, SHARED_STACK } from "../../stacks/names.ts";
import type { Program } from "../../stacks/program.ts";
import type { SiteTargets } from "../../stacks/site-targets.ts";
import { outdate } from "../backend/store/look.ts";
import type { Adopted } from "../engine/adoption/create.ts";
import type { JobResult, Operation } from "../engine/job.ts";
import type { Step } from "../engine/outcome.ts";
import type { Settled } from "./parts.ts";
import { RunnerPool } from "./runner/pool.ts";
import type { WarmStart } from "./runner/warm.ts";

/** What a run tells while it goes on. */
export interface RunObserver {
  /** A stack's operation starts, once this is done; when it fails the stack is not started. */
  started?(stack: string): void | Promise<void>;
  /** The engine starts on one resource. */
  step?(stack: string, step: Step): void;
  /** The engine is done with one resource, well or not. */
  stepEnded?(stack: string, urn: string): void;
  /** A stack's operation has ended, well or not. */
  ended?(result: JobResult): void;
}

/** Why nothing more is started: a reason of ours, else that the run was stopped. */
const stopReason = ({ reason }: AbortSignal): string =>
  reason instanceof SitefleetError ? reason.message : "the run was stopped";

/** Options of {@link runFleet}. */
export interface RunOptions {
  readonly operation: Operation;
  /** Names of the stacks, in the order they are to start. */
  readonly stacks: readonly string[];
  /** Stacks that the backend has already. */
  readonly existing: ReadonlySet<string>;
  /** Stacks that the catalog has nothing for any more: an update empties and removes them. @default none */
  readonly retired?: ReadonlySet<string>;
  /** Absolute directory of the catalog. */
  readonly catalogDir: string;
  /** The catalog as it was read: runners are told what their stack is to be. @default each runner reads it again */
  readonly inputs?: Program;
  readonly configFile: string;
  /** Stacks at once. */
  readonly concurrency: number;
  /** Resource operations at once inside a stack. @default the engine's */
  readonly parallel?: number;
  /** Compare with what is live. @default false */
  readonly refresh?: boolean;
  /** What stacks are to be, in place of what the catalog says: a rollback. @default the catalog's */
  readonly desired?: ReadonlyMap<string, StackState>;
  /** Go on with a stack's other resources when one has failed. @default false: the engine starts nothing more in that stack */
  readonly keepGoing?: boolean;
  /** Results bring the states that were left, where they are at hand. @default false */
  readonly tellStates?: boolean | undefined;
  /** Only what belongs to these services of the Plesk stack. @default everything */
  readonly services?: readonly string[];
  /** Only these sites of these cells. @default everything */
  readonly siteTargets?: ReadonlyMap<string, SiteTargets> | undefined;
  /** Cells that are what their last updates left: their resources are compared by what is declared of them. @default vendors' plugins compare */
  readonly settled?: Settled | undefined;
  /** Stacks that are declared as in their last updates: a preview with `refresh` looks only at what is live of those that are settled. @default not known */
  readonly still?: ReadonlySet<string> | undefined;
  /** What exists and is taken into the states, by stack: nothing is made or changed. @default none */
  readonly adopt?: ReadonlyMap<string, readonly Adopted[]>;
  /** Plan files by stack: written by a preview, held to by an update. @default none */
  readonly plans?: ReadonlyMap<string, string>;
  readonly observer?: RunObserver;
  /**
   * Asked before a stack starts; the stack waits until it resolves, and is left with the error's message as reason when it
   * rejects. What it returns is called with the result, or without one when the stack was not started after all. Budgets
   * hold stacks back here. @default starts at once
   */
  readonly admit?: (stack: string) => Promise<(result: JobResult | undefined) => Promise<void> | void>;
  /** Asked at the very start of a stack that was admitted: why it is left after all. @default never */
  readonly refuse?: (stack: string) => string | undefined;
  /**
   * Asked once the shared stack has been updated: further stacks that its new outputs concern. They run with the others.
   * @default none
   */
  readonly afterShared?: (result: JobResult) => Promise<readonly string[]>;
  /** Environment of the engines. @default that of the operation */
  readonly env?: NodeJS.ProcessEnv;
  /** What has been started already. @default none */
  readonly warm?: WarmStart;
  /** Runners of the run that this is a part of; they stay. @default own ones, ended at the end */
  readonly pool?: RunnerPool;
  /** Stops the run: nothing new is started, engines stop after what is in flight. */
  readonly signal?: AbortSignal;
}

/** A stack that was not started. */
export interface Skipped {
  readonly stack: string;
  readonly reason: string;
  /** Nothing is wrong with it: the job's time or a vendor's limit left it for the next run. @default false */
  readonly later?: boolean;
}

/** What a run came to. */
export interface RunResult {
  /** One a stack that was started, in the order of the input. */
  readonly results: readonly JobResult[];
  /** Stacks that were not started, and why. */
  readonly skipped: readonly Skipped[];
  readonly milliseconds: number;
}

/**
 * Runs one operation on many stacks. The others read the shared stack's outputs, so it goes first (last when destroying),
 * and when it fails in an update nothing else is started: half an estate on a broken base is worse than none.
 */
export async function runFleet(options: RunOptions): Promise<RunResult> {
  const started = Date.now();
  const { catalogDir, concurrency, env, warm } = options;
  const pool = options.pool ?? new RunnerPool({ catalogDir, size: concurrency, env, warm });
  const cancel = () => pool.cancel();
  options.signal?.addEventListener("abort", cancel, { once: true });
  if (options.signal?.aborted) cancel();
  const results = new Map<string, JobResult>();
  const skipped: Skipped[] = [];
  const limit = pLimit(options.concurrency);

  const one = async (stack: string) => {
    let release: Awaited<ReturnType<NonNullable<RunOptions["admit"]>>> | undefined;
    try {
      // Before a place is taken. A stack that waits for its budget must not hold up a stack that has it.
      if (!options.signal?.aborted) release = await options.admit?.(stack);
    } catch (error) {
      const later = hasCode(error, "budget.deadline") ? { later: true } : {};
      if (options.signal?.aborted) skipped.push({ stack, reason: stopReason(options.signal) });
      else skipped.push({ stack, reason: (error as Error).message, ...later });
      return;
    }
    await limit(() => carryOut(stack, release));
  };
  const carryOut = async (stack: string, release: ((result: JobResult | undefined) => unknown) | undefined) => {
    const refused = options.signal?.aborted ? stopReason(options.signal) : options.refuse?.(stack);
    if (refused !== undefined) {
      await release?.(undefined);
      skipped.push({ stack, reason: refused, later: options.signal?.aborted ? undefined : true });
      return;
    }
    try {
      await options.observer?.started?.(stack);
    } catch (error) {
      // A stack whose start cannot be written down must not start: after a crash it would not be known that it has to be looked at.
      await release?.(undefined);
      skipped.push({ stack, reason: (error as Error).message });
      return;
    }
    const job = {
      stack,
      operation: options.operation,
      configFile: options.configFile,
      exists: options.existing.has(stack),
      shared: options.existing.has(SHARED_STACK) || options.stacks.includes(SHARED_STACK),
      parallel: options.parallel,
      refresh: options.refresh,
      keepGoing: options.keepGoing,
      plan: options.plans?.get(stack),
      ...(options.desired?.has(stack)
        ? { desired: options.desired.get(stack) }
        : { desired: await declared(stack), policies: options.inputs?.policies }),
      retire: options.retired?.has(stack) && !options.desired?.has(stack) ? true : undefined,
      services: options.services && stack === PLESK_STACK ? options.services : undefined,
      sites: options.siteTargets?.get(stack),
      settled: options.settled?.get(stack),
      still: options.still?.has(stack) ? true : undefined,
      adopt: options.adopt?.get(stack),
      tellState: options.tellStates,
    };
    const result = await pool.run(job, {
      started: (step) => options.observer?.step?.(stack, step),
      ended: (urn) => options.observer?.stepEnded?.(stack, urn),
    });
    if (options.operation !== "preview") outdate();
    await release?.(result);
    results.set(stack, result);
    options.observer?.ended?.(result);
  };
  /** Undefined where only the runner can say: of a stack that goes, and of one that cannot be read, which it then tells. */
  const declared = (stack: string) =>
    options.retired?.has(stack) ? undefined : options.inputs?.state(stack).catch(() => undefined);
  const all = (stacks: readonly string[]) => Promise.all(stacks.map(one));

  const shared = options.stacks.filter((stack) => stack === SHARED_STACK);
  const others = options.stacks.filter((stack) => stack !== SHARED_STACK);
  const more: string[] = [];
  try {
    if (options.operation === "preview" || options.operation === "refresh") await all(options.stacks);
    else if (options.operation === "destroy") {
      await all(others);
      if (others.every((stack) => results.get(stack)?.ok)) await all(shared);
      else skipped.push(...shared.map((stack) => ({ stack, reason: "a stack that uses it could not be destroyed" })));
    } else {
      await all(shared);
      const done = results.get(SHARED_STACK);
      if (done?.ok && !options.signal?.aborted) more.push(...((await options.afterShared?.(done)) ?? []));
      if (shared.every((stack) => results.get(stack)?.ok)) await all([...others, ...more]);
      else skipped.push(...others.map((stack) => ({ stack, reason: `stack ${SHARED_STACK} failed` })));
    }
  } finally {
    options.signal?.removeEventListener("abort", cancel);
    if (options.pool === undefined) await pool.close();
  }
  const ordered = [...options.stacks, ...more].flatMap((stack) => results.get(stack) ?? []);
  return { results: ordered, skipped, milliseconds: Date.now() - started };
}
