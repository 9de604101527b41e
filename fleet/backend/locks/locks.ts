import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../../errors/index.ts";
import { ownStore } from "../store/state-store.ts";
import { changeObject, type LastSeen, type Store } from "../store/store.ts";
import { type Holder, heldBy, isDeadHere, isHere, me } from "./holder.ts";
import { entryOf, grant, LOCKS, parseLocks, type Taker, Watch, without } from "./lock-table.ts";
import { notedLocks, noteLocks } from "./noted-locks.ts";
import { olderHolder } from "./older-locks.ts";
import type { Held, LockOptions } from "./types.ts";

export { describeHolder, type Holder } from "./holder.ts";
export type { Held, LockOptions } from "./types.ts";

/** Between two looks at a lock that another run holds, ms: in a network each look is a request. */
const POLL_MS = { directory: 500, s3: 2_000, postgres: 2_000 } as const;
/** How often a holder shows that it is alive, ms. */
const BEAT_MS = 15_000;
/** Tells this process from others that go on with the same run. */
const TOKEN = randomUUID();

/**
 * Takes the locks of all stacks, or none. Locks of ended processes of this machine are taken over at once. Locks of another machine
 * are taken over when it has shown no sign of life for a minute, by this machine's clock.
 *
 * @throws SitefleetError `lock.held` after the wait, with the holder; `lock.unsafe` when the store ignores conditions;
 *   `lock.unreadable`, `store.unreachable`
 */
export async function lockStacks(options: LockOptions): Promise<Held> {
  const { stacks, signal, times = {} } = options;
  const own = ownStore(options.dir, options.store);
  const self: Taker = { ...me(options.run, options.operation), token: TOKEN };
  const deadline = Date.now() + options.waitMs;
  const watch = new Watch(times.staleMs);
  const told = new Set<string>();
  const noted = notedLocks(options.dir, own);
  const last: LastSeen = { object: noted.object };
  for (;;) {
    const blocked = (await olderHolder(own, stacks, options.gone)) ?? (await take(own, self, watch, options, last));
    if (blocked === undefined) break;
    const { stack, holder } = blocked;
    if (!told.has(holder.run)) options.onWait?.(stack, holder);
    told.add(holder.run);
    if (Date.now() >= deadline || signal?.aborted) throw heldBy(stack, holder);
    const pause = Math.min(times.pollMs ?? POLL_MS[own.kind], Math.max(1, deadline - Date.now()));
    await sleep(pause, undefined, signal ? { signal } : {}).catch(() => {});
  }
  // A server that does not know conditional writes lets the second of two runs overwrite the first: better no lock at all.
  if (!noted.proven && (await own.put(LOCKS, JSON.stringify({ version: 1, runs: {}, stacks: {} }), { absent: true }))) {
    throw new SitefleetError({
      code: "lock.unsafe",
      message: "this store ignores conditional writes (If-None-Match), so locks in it would not hold",
      subject: LOCKS,
      hint: "keep the locks elsewhere: SITEFLEET_STATE_URL=postgres://… or another bucket",
    });
  }
  noteLocks(options.dir, own, last.object, !noted.proven);
  const note = ({ object }: LastSeen) => noteLocks(options.dir, own, object);
  return keep(own, self, times.beatMs ?? BEAT_MS, last, note);
}

function take(own: Store, self: Taker, watch: Watch, { stacks, gone: given }: LockOptions, last: LastSeen) {
  const taken = (text: string | undefined) => {
    const locks = parseLocks(text);
    const gone = watch.gone(locks, performance.now());
    for (const [run, { host }] of Object.entries(locks.runs)) if (given?.includes(host)) gone.add(run);
    const granted = grant(locks, stacks, self, gone);
    const next = granted.blocked === undefined ? JSON.stringify(granted.locks) : undefined;
    return { text: next, result: granted.blocked };
  };
  return changeObject(own, LOCKS, taken, last);
}

/** @param last the locks as this run has last seen them. @param note told of them when they were given back */
function keep(own: Store, self: Taker, beatMs: number, last: LastSeen, note: (last: LastSeen) => void): Held {
  const lost = new AbortController();
  // Where other runs hold some as well, the object has mostly been written since.
  const seen = (): LastSeen => (Object.keys(parseLocks(last.object?.text).runs).length > 1 ? {} : last);
  const beat = async () => {
    const shown = (text: string | undefined) => {
      const locks = parseLocks(text);
      const entry = entryOf(locks, self);
      if (entry === undefined) return { result: false };
      const runs = { ...locks.runs, [self.run]: { ...entry, beat: entry.beat + 1 } };
      return { text: JSON.stringify({ ...locks, runs }), result: true };
    };
    const here = await changeObject(own, LOCKS, shown, seen());
    if (!here) lost.abort(lostError(self));
  };
  // A beat that fails is made up for by the next; a run that is cut off for a minute finds its locks taken.
  const timer = setInterval(() => void beat().catch(() => {}), beatMs);
  timer.unref();
  let released: Promise<void> | undefined;
  return {
    lost: lost.signal,
    release() {
      clearInterval(timer);
      const left = (text: string | undefined) => {
        const locks = parseLocks(text);
        const others = entryOf(locks, self) === undefined ? locks : without(locks, new Set([self.run]));
        return { text: JSON.stringify(others), result: undefined };
      };
      const from = seen();
      released ??= changeObject(own, LOCKS, left, from).then(() => note(from));
      return released;
    },
  };
}

/** A run that holds locks. */
export interface LockHolding {
  readonly holder: Holder;
  readonly stacks: readonly string[];
}

/**
 * All runs that hold locks, those of processes of this machine that have ended left out. Another machine that is gone is named
 * until a run takes its place.
 *
 * @param place see {@link LockOptions}
 * @throws SitefleetError `lock.unreadable`, `store.unreachable`
 */
export async function holders({ dir, store }: Pick<LockOptions, "dir" | "store">): Promise<LockHolding[]> {
  const { runs, stacks } = parseLocks((await ownStore(dir, store).get(LOCKS))?.text);
  return Object.values(runs).flatMap((holder) => {
    if (isDeadHere(holder)) return [];
    return [{ holder, stacks: Object.keys(stacks).filter((stack) => stacks[stack] === holder.run) }];
  });
}

/**
 * The runs that hold locks and live. Another machine's has shown a sign of life when its count goes on; while one has not, this takes up
 * to a minute, by this machine's clock.
 *
 * @throws SitefleetError `lock.unreadable`, `store.unreachable`
 */
export async function livingRuns({
  dir,
  store,
  signal,
  times = {},
}: Pick<LockOptions, "dir" | "store" | "signal" | "times">): Promise<Set<string>> {
  const own = ownStore(dir, store);
  const watch = new Watch(times.staleMs);
  const first = new Map<string, number>();
  for (;;) {
    const locks = parseLocks((await own.get(LOCKS))?.text);
    const gone = watch.gone(locks, performance.now());
    const there = Object.entries(locks.runs).filter(([run]) => !gone.has(run));
    for (const [run, { beat }] of there) if (!first.has(run)) first.set(run, beat);
    const shown = there.filter(([run, holder]) => isHere(holder) || first.get(run) !== holder.beat);
    if (shown.length === there.length) return new Set(shown.map(([run]) => run));
    await sleep(times.pollMs ?? POLL_MS[own.kind], undefined, { signal });
  }
}

function lostError(self: Holder): SitefleetError {
  return new SitefleetError({
    code: "lock.lost",
    message: "this run was taken for gone, and its locks were given to another: the state backend was out of reach",
    subject: self.run,
    hint: "sitefleet up --resume goes on when the other run is done",
  });
}
