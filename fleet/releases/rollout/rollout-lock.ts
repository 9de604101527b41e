import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "../../../errors/index.ts";
import { newRunId } from "../../backend/journal/journal.ts";
import { type Holder, holders, lockStacks } from "../../backend/locks/locks.ts";
import type { LockTimes } from "../../backend/locks/types.ts";
import type { Store } from "../../backend/store/store.ts";
import type { RolloutFiles } from "./files.ts";
import type { Request } from "./types.ts";

/** The lock of the process that carries a rollout out; no stack has this name. */
const LOCK = "rollout";
/** How long a process of this machine may take to take a request, ms; in a long step it takes it later. */
const HEARD_MS = 15_000;
/** The same where machines share a store: after a minute without a sign of life a machine is taken for gone. */
const HEARD_FAR_MS = 75_000;
const HEARD_LOOK_MS = 250;

/** Where machines or processes of a backend meet. */
export interface Place {
  /** State directory. */
  readonly dir: string;
  readonly store: Store | undefined;
  /** Machines that are gone for certain. @default none */
  readonly gone?: readonly string[];
  /** For tests. */
  readonly times?: LockTimes & { readonly heardMs?: number };
}

/** How long to wait for one's turn. */
export interface TurnOptions {
  /** ms. @default 0 */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
  readonly onWait?: (holder: Holder) => void;
}

/**
 * Does something while no other process carries a rollout of this backend out.
 *
 * @param run `lost` is aborted when this process was taken for gone, and another has the turn
 * @throws SitefleetError `lock.held`, `lock.lost`, `store.unreachable`
 */
export async function withRolloutLock<Result>(
  { dir, store, gone, times }: Place,
  { waitMs = 0, signal, onWait }: TurnOptions,
  run: (lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const held = await lockStacks({
    dir,
    store,
    stacks: [LOCK],
    run: newRunId(),
    operation: "rollout",
    waitMs,
    gone,
    signal,
    times,
    onWait: onWait ? (_: string, holder: Holder) => onWait(holder) : undefined,
  });
  try {
    const result = await run(held.lost);
    held.lost.throwIfAborted();
    return result;
  } finally {
    // When the store is out of reach now, the lock grows stale.
    await held.release().catch(() => {});
  }
}

/** Who carries a rollout out now. Another machine that is gone is named until a run takes its place. */
export async function rolloutLockHolder({ dir, store }: Pick<Place, "dir" | "store">): Promise<Holder | undefined> {
  return (await holders({ dir, store })).find(({ stacks }) => stacks.includes(LOCK))?.holder;
}

/** How long to wait for a process that may be gone, ms. */
export function takeoverWaitMs({ store, times }: Place): number {
  return times?.heardMs ?? (store ? HEARD_FAR_MS : HEARD_MS);
}

/**
 * Does what a person asks of a rollout: here when no process carries it out, else by handing it to that process. When that
 * one ends or is found gone before it has taken the request, it is done here after all.
 *
 * @param act does it in this process, in its turn
 * @returns what `act` did, or undefined when the other process has it or will have it
 * @throws SitefleetError those of `act`, `store.unreachable`
 */
export async function askOrAct<Result>(
  { place, files, id, request }: { place: Place; files: RolloutFiles; id: string; request: Request },
  act: (lost: AbortSignal) => Promise<Result>,
  onAsked: (holder: Holder | undefined) => void,
): Promise<Result | undefined> {
  const entered = { yes: false };
  const enter = (lost: AbortSignal) => {
    entered.yes = true;
    return act(lost);
  };
  const busy = (error: unknown) => {
    if (entered.yes || !hasCode(error, "lock.held")) throw error;
    return undefined;
  };
  const done = await withRolloutLock(place, {}, enter).catch(busy);
  if (entered.yes) return done;
  await files.ask(id, request);
  onAsked(await rolloutLockHolder(place));
  const heard = new AbortController();
  const hearing = untilTaken(files, id, heard);
  try {
    return await withRolloutLock(place, { waitMs: takeoverWaitMs(place), signal: heard.signal }, async (lost) => {
      heard.abort();
      // It may have taken it and come to its end since.
      return (await files.isAsked(id)) ? enter(lost) : undefined;
    }).catch(busy);
  } finally {
    heard.abort();
    await hearing;
  }
}

/** Aborts `heard` when the request was taken. */
async function untilTaken(files: RolloutFiles, id: string, heard: AbortController): Promise<void> {
  const pause = () => sleep(HEARD_LOOK_MS, undefined, { signal: heard.signal }).catch(() => {});
  while (!heard.signal.aborted && (await files.isAsked(id).catch(() => true))) await pause();
  // What it does about it is written down next.
  await pause();
  heard.abort();
}
