import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { environment } from "../../../environment/index.ts";
import { SHARED_STACK } from "../../../stacks/names.ts";
import { isSet } from "../flag.ts";
import { replayLeft } from "../service/journal-file.ts";
import { copyDir } from "../store/copy-place.ts";
import { placesOf } from "../store/project.ts";
import { stateDir } from "../store/state-dir.ts";
import { engineStore } from "../store/state-store.ts";
import type { Store } from "../store/store.ts";
import { handIn, handInRest } from "./hand-in.ts";
import { takeLock } from "./lock.ts";
import { removeCopy } from "./note.ts";
import { WriteBack } from "./write-back.ts";

/** What the engine writes into a new directory (pkg/v3/backend/diy/meta.go, 3.276): stacks lie in folders of their projects. */
export const META = "version: 1\n";

/** What has the engine compress states, by their present and former names. */
const COMPRESSING = ["DIY_BACKEND_GZIP", "DIY_BACKEND_ZSTD", "SELF_MANAGED_STATE_GZIP", "SELF_MANAGED_STATE_ZSTD"].map(
  (name) => `PULUMI_${name}`,
);

/** One stack in a directory of this machine, where the engine works on it. */
export interface WorkingCopy {
  readonly dir: string;
  /** What of the environment has the engine work there, and us keep our own things where they were. */
  readonly env: { readonly PULUMI_BACKEND_URL: string; readonly SITEFLEET_STATE_DIR: string };
  /** Aborted when the bucket or table takes nothing any more: the engine is to end. */
  readonly behind: AbortSignal;
  /**
   * Hands in what is left and gives the lock back.
   *
   * @returns the state that was left; undefined when the engine has removed the stack
   * @throws SitefleetError `copy.behind`, `copy.overtaken`, or what the disk refuses; the copy and the lock stay then
   */
  close(): Promise<{ readonly text: string; readonly version: string } | undefined>;
}

/** The bucket or table that the engine keeps its stacks in; undefined for a directory, and where it cannot be read from here. */
export async function remoteStore(env: NodeJS.ProcessEnv): Promise<Store | undefined> {
  const store = await engineStore(env);
  return store?.kind === "directory" ? undefined : store;
}

/**
 * Opens a copy of a stack that lies in a bucket or table, for an update. The engine writes a stack's whole state around each step: over a
 * network that is most of an update's time. In a copy it costs nothing. The state is written back within a second of each change, and the
 * engine's own lock is held in the bucket or table all the time.
 *
 * @param hasShared whether there is the shared stack, whose outputs the stack may read
 * @param directories whether a stack in a directory is copied as well
 * @returns undefined where the engine works on the backend itself: a directory else, Pulumi Cloud and the like, compressed states
 * @throws SitefleetError `stack.locked`, `store.unreachable`, those of {@link handIn}
 */
export async function openCopy(
  stack: string,
  env = environment(),
  { hasShared = true, directories = false } = {},
): Promise<WorkingCopy | undefined> {
  const store = await (directories ? engineStore(env) : remoteStore(env));
  if (store === undefined || COMPRESSING.some((name) => isSet(env[name]))) return undefined;
  // What a killed run has left here is newer than what lies there.
  await handIn(stack, env);
  const keys = placesOf(stack);
  // The engine has a working directory of its own.
  const dir = resolve(copyDir(stack, env));
  const lock = await takeLock(store, stack, env);
  try {
    const shared = stack === SHARED_STACK || !hasShared ? undefined : placesOf(SHARED_STACK).state;
    const [found, others] = await Promise.all([store.get(keys.state), shared && store.get(shared)]);
    if (found === undefined) {
      await store.remove(lock);
      return undefined;
    }
    removeCopy(dir);
    lay(dir, ".pulumi/meta.yaml", META);
    lay(dir, keys.state, found.text);
    if (shared && others) lay(dir, shared, others.text);
    const back = new WriteBack(stack, store, dir, keys.state, found, lock);
    return {
      dir,
      env: { PULUMI_BACKEND_URL: pathToFileURL(dir).href, SITEFLEET_STATE_DIR: stateDir(env) },
      behind: back.behind,
      async close() {
        // What the engine has told and the state's file does not have: only of an update that found no room for it.
        replayLeft(dir, stack);
        const last = await back.end();
        await handInRest({ stack, store, dir, before: found.text, last });
        await store.remove(lock);
        removeCopy(dir);
        return last === undefined ? undefined : { text: last, version: back.version };
      },
    };
  } catch (error) {
    await store.remove(lock).catch(() => {});
    throw error;
  }
}

/** Puts a file of a backend into a directory that is one, for this user alone. */
export function lay(dir: string, key: string, text: string | Uint8Array): void {
  const file = join(dir, key);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
}
