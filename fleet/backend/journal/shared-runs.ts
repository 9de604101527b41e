import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { writeAtomically } from "../store/state-dir.ts";
import { OUR_PREFIX } from "../store/state-store.ts";
import type { Store } from "../store/store.ts";

/** Folder of all journals in a store. */
export const RUNS_PREFIX = `${OUR_PREFIX}runs/`;
/** Journals that are kept; older ones are deleted. A fleet run as 64 jobs writes 64. */
const KEEP = 300;
/** Objects read or written at once. */
const AT_ONCE = 8;
/** A journal that this machine has and the store has not is handed in for so long, ms: the store was out of reach. */
const HAND_IN_MS = 7 * 86_400_000;

/** Writes a run's journal into the store as it stands on disk. @throws SitefleetError `store.unreachable` */
export async function pushRun(store: Store, dir: string, run: string): Promise<void> {
  await store.put(`${RUNS_PREFIX}${run}.jsonl`, readFileSync(join(dir, `${run}.jsonl`), "utf8"));
}

/**
 * Brings the folder of journals and the store to the same: journals only grow, so the longer one is right. From then on
 * everything reads the folder.
 *
 * @param push also the store's; without it only this machine's folder changes. @default true
 * @throws SitefleetError `store.unreachable`
 */
export async function syncRuns(
  store: Store,
  dir: string,
  { push = true, now = Date.now() }: { readonly push?: boolean; readonly now?: number } = {},
): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const limit = pLimit(AT_ONCE);
  // Names begin with the run's time.
  const listed = (await store.list(RUNS_PREFIX)).filter(({ key }) => key.endsWith(".jsonl")).reverse();
  const there = new Map(listed.map(({ key, size }) => [key.slice(RUNS_PREFIX.length), size]));
  const fetched = listed.slice(0, KEEP).map(({ key, size }) =>
    limit(async () => {
      const file = join(dir, key.slice(RUNS_PREFIX.length));
      if (sizeOf(file) >= size) return;
      const found = await store.get(key);
      // It may have grown here in the meantime: never put less in place of more.
      if (found && Buffer.byteLength(found.text) > sizeOf(file)) writeAtomically(file, found.text);
    }),
  );
  if (!push) {
    await Promise.all(fetched);
    return;
  }
  const ours = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
  const missing = ours.filter((name) => {
    const file = join(dir, name);
    return sizeOf(file) > (there.get(name) ?? 0) && now - statSync(file).mtimeMs < HAND_IN_MS;
  });
  const handed = missing.map((name) => limit(() => pushRun(store, dir, name.slice(0, -".jsonl".length))));
  const dropped = listed.slice(KEEP).map(({ key }) => limit(() => store.remove(key)));
  await Promise.all([...fetched, ...handed, ...dropped]);
}

/** Bytes; -1 when there is no such file. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? -1;
}
