import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";
import { OUR_PREFIX } from "../store/state-store.ts";
import { changeObject, type Store } from "../store/store.ts";
import { type Holder, heldBy, holderSchema, isDeadHere, me } from "./holder.ts";
import type { Held, LockOptions, SharedLockTimes } from "./types.ts";

/** The one object that holds all locks of a backend: so several are taken in one step, or none. */
export const LOCKS_KEY = `${OUR_PREFIX}locks.json`;
/** Between two looks at a lock that somebody else holds, ms. */
const POLL_MS = 2_000;
/** How often a holder shows that it is alive, ms. */
const BEAT_MS = 15_000;
/** A holder whose sign of life stays the same for so long, by the clock of whoever looks, is taken for gone, ms. */
const STALE_MS = 60_000;

const locksSchema = z.object({
  version: z.literal(1),
  runs: z.record(z.string(), holderSchema.extend({ beat: z.number() })),
  /** Stack → run. */
  stacks: z.record(z.string(), z.string()),
});

/** All locks of a backend. */
export type SharedLocks = z.infer<typeof locksSchema>;

/** Reads the object. @throws SitefleetError `lock.unreadable` */
export function parseLocks(text: string | undefined): SharedLocks {
  if (text === undefined) return { version: 1, runs: {}, stacks: {} };
  try {
    return locksSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SitefleetError({
      code: "lock.unreadable",
      message: "the locks have a shape that is not known",
      subject: LOCKS_KEY,
      hint: "when no run is under way: delete this object",
      cause,
    });
  }
}

/** Gives stacks to a run, or says who holds one of them. Runs in `gone` hold nothing any more. Pure. */
export function grant(
  locks: SharedLocks,
  stacks: readonly string[],
  self: Holder,
  gone: ReadonlySet<string>,
): { readonly locks: SharedLocks; readonly blocked?: { readonly stack: string; readonly holder: Holder } } {
  const living = without(locks, gone);
  for (const stack of [...stacks].sort()) {
    const run = living.stacks[stack];
    const holder = run === undefined ? undefined : living.runs[run];
    if (holder !== undefined && run !== self.run) return { locks: living, blocked: { stack, holder } };
  }
  const taken = Object.fromEntries(stacks.map((stack) => [stack, self.run]));
  return {
    locks: {
      version: 1,
      runs: { ...living.runs, [self.run]: { ...self, beat: 0 } },
      stacks: { ...living.stacks, ...taken },
    },
  };
}

/** Takes runs out, with all that they hold. Pure. */
export function without(locks: SharedLocks, runs: ReadonlySet<string>): SharedLocks {
  return {
    version: 1,
    runs: Object.fromEntries(Object.entries(locks.runs).filter(([run]) => !runs.has(run))),
    stacks: Object.fromEntries(
      Object.entries(locks.stacks).filter(([, run]) => !runs.has(run) && locks.runs[run] !== undefined),
    ),
  };
}

/** Tells which runs are gone: processes of this machine that ended, and others that have stopped showing themselves. */
export class Watch {
  readonly #staleMs: number;
  readonly #seen = new Map<string, { beat: number; at: number }>();

  constructor(staleMs: number = STALE_MS) {
    this.#staleMs = staleMs;
  }

  /** @param now by any clock that only goes forward, ms: machines' clocks are never compared with each other */
  gone(locks: SharedLocks, now: number): Set<string> {
    const gone = new Set<string>();
    for (const [run, holder] of Object.entries(locks.runs)) {
      const seen = this.#seen.get(run);
      if (seen?.beat !== holder.beat) this.#seen.set(run, { beat: holder.beat, at: now });
      const still = seen?.beat === holder.beat && now - seen.at >= this.#staleMs;
      if (still || isDeadHere(holder)) gone.add(run);
    }
    return gone;
  }
}

/**
 * Takes the locks of all stacks in a backend that many machines share, or none.
 *
 * @throws SitefleetError `lock.held` after the wait, with the holder; `lock.unsafe` when the store ignores conditions;
 *   `lock.unreadable`, `store.unreachable`
 */
export async function lockShared(
  store: Store,
  options: Omit<LockOptions, "dir">,
  times: SharedLockTimes = {},
): Promise<Held> {
  const self = me(options.run, options.operation);
  const deadline = Date.now() + options.waitMs;
  const watch = new Watch(times.staleMs);
  const told = new Set<string>();
  for (;;) {
    const blocked = await changeObject(store, LOCKS_KEY, (text) => {
      const locks = parseLocks(text);
      const gone = watch.gone(locks, performance.now());
      for (const [run, { host }] of Object.entries(locks.runs)) if (options.gone?.includes(host)) gone.add(run);
      const granted = grant(locks, options.stacks, self, gone);
      const next = granted.blocked === undefined ? JSON.stringify(granted.locks) : undefined;
      return { text: next, result: granted.blocked };
    });
    if (blocked === undefined) break;
    const { stack, holder } = blocked;
    if (!told.has(holder.run)) options.onWait?.(stack, holder);
    told.add(holder.run);
    if (Date.now() >= deadline || options.signal?.aborted) throw heldBy(stack, holder);
    const pause = Math.min(times.pollMs ?? POLL_MS, Math.max(1, deadline - Date.now()));
    await sleep(pause, undefined, options.signal ? { signal: options.signal } : {}).catch(() => {});
  }
  // A server that does not know conditional writes lets the second of two runs overwrite the first: better no lock at all.
  if (await store.put(LOCKS_KEY, JSON.stringify({ version: 1, runs: {}, stacks: {} }), { absent: true })) {
    throw new SitefleetError({
      code: "lock.unsafe",
      message: "this store ignores conditional writes (If-None-Match), so locks in it would not hold",
      subject: LOCKS_KEY,
      hint: "keep the locks elsewhere: SITEFLEET_STATE_URL=postgres://… or another bucket",
    });
  }
  return keep(store, self, times.beatMs ?? BEAT_MS);
}

function keep(store: Store, self: Holder, beatMs: number): Held {
  const lost = new AbortController();
  const beat = async () => {
    const here = await changeObject(store, LOCKS_KEY, (text) => {
      const locks = parseLocks(text);
      const own = locks.runs[self.run];
      if (own === undefined) return { result: false };
      const runs = { ...locks.runs, [self.run]: { ...own, beat: own.beat + 1 } };
      return { text: JSON.stringify({ ...locks, runs }), result: true };
    });
    if (!here) lost.abort(lostError(self));
  };
  // A beat that fails is made up for by the next; whoever is cut off for a minute finds its locks taken.
  const timer = setInterval(() => void beat().catch(() => {}), beatMs);
  timer.unref();
  let released: Promise<void> | undefined;
  return {
    lost: lost.signal,
    release() {
      clearInterval(timer);
      released ??= changeObject(store, LOCKS_KEY, (text) => ({
        text: JSON.stringify(without(parseLocks(text), new Set([self.run]))),
        result: undefined,
      }));
      return released;
    },
  };
}

function lostError(self: Holder): SitefleetError {
  return new SitefleetError({
    code: "lock.lost",
    message: "this run was taken for gone, and its locks were given to another: the state backend was out of reach",
    subject: self.run,
    hint: "sitefleet up --resume goes on when the other run is done",
  });
}
