import { type Store, type StoredObject, within } from "../../fleet/backend/store/store.ts";

/** How the last event of a process is written, see `RunEvent`. */
const ENDED = '"event":"ended"';

/**
 * Remembers the events of processes that have ended: nothing is added to them, and a look a minute at 200 of them in a bucket would be
 * 200 calls a minute.
 */
export function rememberingRuns(): (store: Store) => Store {
  const ended = new Map<string, StoredObject>();
  return (store) => ({
    ...within(store, ""),
    list: async (prefix) => {
      const found = await store.list(prefix);
      const keys = new Set(found.map(({ key }) => key));
      for (const key of ended.keys()) if (key.startsWith(prefix) && !keys.has(key)) ended.delete(key);
      return found;
    },
    get: async (key) => {
      const known = ended.get(key);
      if (known !== undefined) return known;
      const found = await store.get(key);
      if (found?.text.includes(ENDED)) ended.set(key, found);
      return found;
    },
  });
}
