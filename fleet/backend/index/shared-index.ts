import { OUR_PREFIX } from "../store/state-store.ts";
import { changeObject, type LastSeen, type Store } from "../store/store.ts";
import { parseIndex, readIndex, type StackIndex, updateIndex } from "./stack-index.ts";

/** The index of a backend that machines share. */
export const INDEX_KEY = `${OUR_PREFIX}index.json`;

/** The index as this process has last seen it: a change begins with that. */
const seen = new WeakMap<Store, LastSeen>();

/** Of each stack what was written about its later update. Pure. */
export function mergeIndexes(one: StackIndex, other: StackIndex): StackIndex {
  const stacks: StackIndex["stacks"] = {};
  for (const name of [...new Set([...Object.keys(one.stacks), ...Object.keys(other.stacks)])].sort()) {
    const [mine, theirs] = [one.stacks[name], other.stacks[name]];
    const entry = theirs === undefined || (mine && mine.lastUpdate >= theirs.lastUpdate) ? mine : theirs;
    if (entry) stacks[name] = entry;
  }
  const [mine, theirs] = [one.shared, other.shared];
  const shared = theirs === undefined || (mine && mine.lastUpdate >= theirs.lastUpdate) ? mine : theirs;
  return { version: 1, stacks, shared };
}

/**
 * Brings this machine's index and the store's to the same.
 *
 * @param push also the store's; without it only this machine's changes. @default true
 * @throws SitefleetError `store.unreachable`, `store.busy`
 */
export async function shareIndex(store: Store, dir: string, { push = true } = {}): Promise<void> {
  if (!push) {
    const object = await store.get(INDEX_KEY);
    seen.set(store, { object, absent: object === undefined });
    const theirs = parseIndex(object?.text);
    updateIndex(dir, (now) => mergeIndexes(now, theirs));
    return;
  }
  const change = (text: string | undefined) => {
    const shared = parseIndex(text);
    const result = mergeIndexes(readIndex(dir), shared);
    const changed = JSON.stringify(result) !== JSON.stringify(mergeIndexes(shared, shared));
    return { text: changed ? JSON.stringify(result) : undefined, result };
  };
  const merged = await changeObject(store, INDEX_KEY, change, seen.get(store));
  updateIndex(dir, (now) => mergeIndexes(now, merged));
}
