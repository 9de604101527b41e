import { setTimeout as wait } from "node:timers/promises";

/** Time as budgets see it. */
export interface Clock {
  /** Milliseconds since 1970, of the clock in which limits are counted. */
  now(): number;
  /** Waits so many of those milliseconds. Rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds of this clock in one of the machine's: what a vendor says in seconds is multiplied by it. */
  readonly scale: number;
}

/** Node's timers hold 31 bits; a longer wait is made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The machine's clock, or one that runs faster.
 *
 * @param scale 1 in production. A rehearsal on APIs whose limits are scaled (docs/reference/sandbox.md, `timeScale`) takes the same
 *   number, so that an hour of a limit is an hour of this clock. @default 1
 */
export function createClock(scale = 1): Clock {
  return {
    scale,
    // Counted from 1970 at any scale, so that all processes of a rehearsal see the same time.
    now: () => Date.now() * scale,
    async sleep(milliseconds, signal) {
      for (let left = Math.ceil(milliseconds / scale); ; left -= LONGEST_TIMER_MS) {
        await wait(Math.max(0, Math.min(left, LONGEST_TIMER_MS)), undefined, signal ? { signal } : {});
        if (left <= LONGEST_TIMER_MS) return;
      }
    },
  };
}
