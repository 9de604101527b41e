import type { Store } from "../store/store.ts";
import type { Holder } from "./holder.ts";

/** Times of locks, for tests. */
export interface LockTimes {
  readonly pollMs?: number;
  readonly beatMs?: number;
  readonly staleMs?: number;
}

/** Options of `lockStacks`. */
export interface LockOptions {
  /** State directory: the locks are in it. */
  readonly dir: string;
  /** Where the locks are when many machines share them, see `stateStore`. @default the state directory */
  readonly store?: Store | undefined;
  readonly stacks: readonly string[];
  /** Id of the run. */
  readonly run: string;
  /** In a word, for runs that wait: `up`, `destroy`, … */
  readonly operation: string;
  /** How long to wait for another run, ms. */
  readonly waitMs: number;
  /** Names of machines that are gone for certain: what they hold is taken over at once. @default none */
  readonly gone?: readonly string[];
  /** Told once for each holder that is waited for. */
  readonly onWait?: (stack: string, holder: Holder) => void;
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly times?: LockTimes;
}

/** Locks that are held. */
export interface Held {
  /** Aborted when they went to another run, because this one could not show that it is alive. */
  readonly lost: AbortSignal;
  /** Gives all of them back. Safe to call twice. */
  release(): Promise<void>;
}
