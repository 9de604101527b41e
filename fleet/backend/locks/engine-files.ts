import { engineReader } from "../store/look.ts";
import { JSON_END, LOCKS, placesOf } from "../store/project.ts";
import { engineStore } from "../store/state-store.ts";

const STATE = new RegExp(`${JSON_END}$`);

/** A lock as the engine wrote it. */
export interface LockFile {
  /** Its key, see `engineStore`. */
  readonly name: string;
  readonly text: string;
  /** Removes it; no error when it is gone. */
  remove(): Promise<void>;
}

/** The engine's lock files on a stack, in a directory, bucket or table; empty elsewhere. @throws SitefleetError `store.unreachable` */
export async function lockFiles(stack: string, env: NodeJS.ProcessEnv): Promise<LockFile[]> {
  const store = await engineStore(env);
  const listed = (await store?.list(`${placesOf(stack).locks}/`)) ?? [];
  const keys = new Set(listed.map(({ key }) => key));
  const files = [...keys].map(async (name): Promise<LockFile[]> => {
    const found = name.endsWith(".json") ? await store?.get(name) : undefined;
    if (found === undefined) return []; // not a lock, or given back in the meantime
    const remove = async () => {
      // In a directory the engine keeps a second file beside each.
      for (const key of [name, `${name}.attrs`]) if (keys.has(key)) await store?.remove(key);
    };
    return [{ name, text: found.text, remove }];
  });
  return (await Promise.all(files)).flat();
}

/** The stacks that an engine has locked, in one list of all locks; an operation that looks has it of its look. Empty where that cannot be read from here. @throws SitefleetError `store.unreachable` */
export async function lockedStacks(env: NodeJS.ProcessEnv): Promise<Set<string>> {
  const listed = (await (await engineReader(env))?.list(`${LOCKS}/`)) ?? [];
  const names = listed
    .map(({ key }) => key.slice(LOCKS.length + 1))
    .filter((name) => /^[^/]+\/[^/]+\.json$/.test(name));
  return new Set(names.map((name) => name.slice(0, name.indexOf("/"))));
}

/** Time of the last write of a stack's state, ms since 1970; undefined when that cannot be read from here. */
export async function checkpointTime(stack: string, env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const listed = await (await engineStore(env))?.list(placesOf(stack).state);
  return listed?.find(({ key }) => STATE.test(key))?.modifiedAt;
}
