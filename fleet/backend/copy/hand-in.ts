import { mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { engineInCopy } from "../locks/copy-engine.ts";
import { stackLocked } from "../locks/engine-locks.ts";
import { replayLeft } from "../service/journal-file.ts";
import { copyDir, readIn } from "../store/copy-place.ts";
import { namesIn } from "../store/file-backend.ts";
import { placesOf } from "../store/project.ts";
import { stateDir } from "../store/state-dir.ts";
import { engineStore } from "../store/state-store.ts";
import type { Store } from "../store/store.ts";
import { readNote, removeCopy } from "./note.ts";
import { replace } from "./write-back.ts";

/** What became of a working copy that a killed run had left. */
export interface HandedIn {
  readonly stack: string;
  /** `saved`: the backend had an older state; `same`: it had this one; `kept`: another has written there since, nothing was. */
  readonly outcome: "saved" | "same" | "kept";
  /** Where the state lies that was not written; only of `kept`. */
  readonly kept?: string;
}

/**
 * Hands in the newest state of a stack that a killed run has left on this machine, and gives back its lock. A state that another has
 * written since stays: it is never replaced by an older one.
 *
 * @returns undefined when there is none
 * @throws SitefleetError `stack.locked` while the killed run's engine still works on it; `store.unreachable`
 */
export async function handIn(stack: string, env: NodeJS.ProcessEnv): Promise<HandedIn | undefined> {
  const dir = copyDir(stack, env);
  if (namesIn(dir).length === 0) return undefined;
  const pid = engineInCopy(stack, env);
  if (pid !== undefined)
    throw stackLocked(stack, [`process ${pid} of a run that was killed; it ends what is in flight`]);
  const note = readNote(dir);
  const { state } = placesOf(stack);
  // What the engine had told and the state's file did not have yet.
  replayLeft(dir, stack);
  const text = readIn(dir, state);
  const store = await engineStore(env);
  // Without a note it was never begun; the engine had nothing to work on.
  if (note === undefined || text === undefined || !isWhole(text) || store === undefined) {
    if (note && store) await store.remove(note.lock);
    removeCopy(dir);
    return undefined;
  }
  const there = await store.get(state);
  const same = there?.text === text;
  const written = same || (there && (await replace(store, state, text, note)) !== undefined);
  const kept = written ? undefined : keep(stack, dir, env);
  if (written) await handInRest({ stack, store, dir, before: undefined, last: text });
  await store.remove(note.lock);
  removeCopy(dir);
  return kept ? { stack, outcome: "kept", kept } : { stack, outcome: same ? "same" : "saved" };
}

/** What is handed in beside the state at the end of an update. */
interface Rest {
  readonly stack: string;
  readonly store: Store;
  readonly dir: string;
  /** The state before the update; undefined when it is not known, or was handed in. */
  readonly before: string | undefined;
  /** The state after it; undefined when the engine has removed the stack. */
  readonly last: string | undefined;
}

/** Hands in what the engine wrote beside the state: history, backups, the copy of the state before. Or takes a removed stack away as it does. */
export async function handInRest({ stack, store, dir, before, last }: Rest): Promise<void> {
  const { state, backup, history, backups } = placesOf(stack);
  if (last === undefined) {
    await store.put(backup, readIn(dir, backup) ?? before ?? "");
    const gone = (await store.list(`${history}/`)).map(({ key }) => key);
    await Promise.all([state, ...gone].map((key) => store.remove(key)));
    return;
  }
  const made = [history, backups].flatMap((folder) => namesIn(join(dir, folder)).map((name) => `${folder}/${name}`));
  const texts = made.filter((key) => !key.endsWith(".attrs")).map((key) => [key, readIn(dir, key)] as const);
  const copies = [...texts, [backup, before === last ? undefined : before] as const];
  await Promise.all(copies.map(([key, text]) => (text === undefined ? undefined : store.put(key, text))));
}

function keep(stack: string, dir: string, env: NodeJS.ProcessEnv): string {
  const kept = join(stateDir(env), "overtaken", `${stack}-${Date.now()}.json`);
  mkdirSync(dirname(kept), { recursive: true, mode: 0o700 });
  renameSync(join(dir, placesOf(stack).state), kept);
  return kept;
}

/** The engine replaces the file in one step; a machine that lost its power may have left it empty. */
function isWhole(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
