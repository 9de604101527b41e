import type { JobResult } from "../engine/job.ts";
import { type Deadline, refusal, tooLate } from "./deadline.ts";
import type { Ledger } from "./ledger.ts";
import { type CertificateDomain, needOfSteps } from "./need.ts";
import type { Need } from "./spec.ts";

/** What is expected of a stack. */
export interface Expectation {
  readonly need: Need;
  /** How long its operation takes once it is started. @default 0 */
  readonly seconds?: number;
  /** Started before all without it. @default false */
  readonly urgent?: boolean;
  /** Right after the urgent ones. @default false */
  readonly early?: boolean;
}

/** Options of {@link createAdmission}. */
export interface AdmissionOptions {
  readonly ledger: Ledger;
  /** By stack; a stack that is not in it starts at once. */
  readonly expected: ReadonlyMap<string, Expectation>;
  readonly certificateOf?: CertificateDomain;
  /** Ends waiting without the stack being started. */
  readonly signal?: AbortSignal;
  readonly deadline?: Deadline;
  /** Told when a stack must wait, once for each limit; until when by the machine's clock, ms since 1970. */
  waiting?(stack: string, key: string, untilMs: number): void;
}

/** Gives back what a stack did not use; without a result it was not started. */
type Release = (result: JobResult | undefined) => Promise<void>;

/** The `admit` hook of a run, see `RunOptions.admit`. */
export type Admit = (stack: string) => Promise<Release>;

/** Between two looks while other processes may give budget back, machine's ms. */
const LOOK_MS = 500;

interface Waiting {
  readonly stack: string;
  readonly expectation: Expectation;
  readonly since: number;
  readonly size: number;
  told?: string;
  resolve(release: Release): void;
  reject(error: unknown): void;
}

/** How much of its limits a need is, as a share of the one it uses most: what "largest first" goes by. */
function sizeOf(need: Need, ledger: Ledger): number {
  return Math.max(
    0,
    ...Object.entries(need).map(([key, n]) => n / (ledger.specs.get(key.split(":")[0] ?? "")?.amount ?? Infinity)),
  );
}

/**
 * Holds stacks back until their budget is there: urgent ones first, then the largest that fits. A stack that others
 * overtake for long is not overtaken any more. Reserves in the shared ledger what a stack is expected to use, and puts
 * right by its result what it really used.
 *
 * `admit` rejects with SitefleetError `budget.deadline` when the stack may not start any more or its budget comes only after
 * the deadline, and with the signal's reason when the run was stopped.
 */
export function createAdmission(options: AdmissionOptions): { readonly admit: Admit } {
  const { ledger, expected, certificateOf, signal, deadline } = options;
  const queue: Waiting[] = [];
  const stop = [signal, deadline?.signal].filter((one) => one !== undefined);
  const ends = stop.length > 0 ? AbortSignal.any(stop) : undefined;
  let running = false;
  let wake = () => {};

  const release =
    (stack: string, need: Need): Release =>
    async (result) => {
      if (result === undefined) {
        await ledger.forget(stack).catch(() => {});
        wake();
        return;
      }
      // A failed result without steps does not say what was done. Then the whole promise counts as used.
      const used = !result.ok && result.steps.length === 0 ? need : needOfSteps(result.steps, certificateOf);
      // A ledger that cannot be written must not fail a stack that is done: the promise ends with its lease.
      await ledger.release(stack, used).catch(() => {});
      wake();
    };

  const tryAll = async (): Promise<number> => {
    let next = Number.POSITIVE_INFINITY;
    queue.sort((a, b) => order(a) - order(b) || b.size - a.size);
    for (const entry of [...queue]) {
      if (deadline?.refuse(entry.expectation.seconds) !== undefined) {
        drop(entry, refusal());
        continue;
      }
      const { stack, since, expectation } = entry;
      const answer = await ledger.hold(stack, expectation.need, since);
      if (answer.ok) {
        queue.splice(queue.indexOf(entry), 1);
        entry.resolve(release(stack, expectation.need));
        continue;
      }
      // Without an end it waits for what others give back, which may be any moment.
      if (deadline && Number.isFinite(answer.at) && machineTime(answer.at) > deadline.at) {
        drop(entry, tooLate(entry.stack, answer.key, machineTime(answer.at)));
        continue;
      }
      next = Math.min(next, answer.at);
      if (entry.told !== answer.key) options.waiting?.(stack, answer.key, machineTime(answer.at));
      entry.told = answer.key;
    }
    return next;
  };

  /** The ledger's clock may run faster than the machine's. */
  const machineTime = (at: number) => Date.now() + (at - ledger.clock.now()) / ledger.clock.scale;

  const drop = (entry: Waiting, error: unknown) => {
    queue.splice(queue.indexOf(entry), 1);
    void ledger.forget(entry.stack).catch(() => {});
    entry.reject(error);
  };

  const run = async () => {
    if (running) return;
    running = true;
    // Stacks that ask in the same turn of the event loop are there before the first is chosen.
    await new Promise(setImmediate);
    try {
      while (queue.length > 0) {
        if (ends?.aborted) for (const entry of [...queue]) drop(entry, ends.reason);
        const next = await tryAll();
        if (queue.length === 0) return;
        const woken = new AbortController();
        wake = () => woken.abort();
        const wait = Math.min(Math.max(1, next - ledger.clock.now()), LOOK_MS * ledger.clock.scale);
        const any = AbortSignal.any(ends ? [ends, woken.signal] : [woken.signal]);
        await ledger.clock.sleep(wait, any).catch(() => {});
      }
    } catch (error) {
      for (const entry of [...queue]) drop(entry, error);
    } finally {
      running = false;
    }
  };

  return {
    async admit(stack) {
      const expectation = expected.get(stack);
      if (ends?.aborted) throw ends.reason;
      if (deadline?.refuse(expectation?.seconds) !== undefined) throw refusal();
      if (expectation === undefined || Object.values(expectation.need).every((amount) => amount === 0))
        return async () => {};
      return new Promise((resolve, reject) => {
        const size = sizeOf(expectation.need, ledger);
        queue.push({ stack, expectation, since: ledger.clock.now(), size, resolve, reject });
        wake();
        void run();
      });
    },
  };

  function order(entry: Waiting): number {
    if (entry.expectation.urgent) return 0;
    return entry.expectation.early ? 1 : 2;
  }
}
