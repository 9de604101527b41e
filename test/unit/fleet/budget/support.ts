import type { Clock } from "../../../../fleet/budget/clock.ts";
import type { LimitSpec } from "../../../../fleet/budget/spec.ts";

/** A clock that jumps to the end of every sleep. */
export function fakeClock(start = 1_000_000): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    scale: 1,
    now: () => now,
    advance(ms) {
      now += ms;
    },
    async sleep(ms, signal) {
      await new Promise(setImmediate);
      signal?.throwIfAborted();
      now += Math.max(0, ms);
    },
  };
}

/** A limit on calls. */
export function rate(id: string, amount: number, perMs: number | null): LimitSpec {
  return { id, what: id, vendor: id.split(".")[0] ?? "", amount, perMs };
}
