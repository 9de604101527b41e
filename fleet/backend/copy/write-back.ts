import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, SitefleetError } from "../../../errors/index.ts";
import { digestOfText } from "../../../stacks/digest.ts";
import { readIn } from "../store/copy-place.ts";
import type { Store, StoredObject } from "../store/store.ts";
import { type Note, writeNote } from "./note.ts";

/** How often the engine's file is looked at, and how old a change gets that is not written yet, ms: together the backend's age at most. What ends within that time is one write. */
const LOOK_MS = 100;
const APART_MS = 700;
/** For how long the backend may refuse writes until the engine is asked to end, ms; a bucket may hang for a minute. */
const BEHIND_MS = 90_000;
/** For how long what is left is tried at the end, ms. */
const LAST_MS = 120_000;
const PAUSE_MS = 2_000;

/** Writes the state that an engine keeps in a directory to where it belongs, soon after each change, under the version that it replaces. */
export class WriteBack {
  readonly #stack: string;
  readonly #store: Store;
  readonly #dir: string;
  readonly #key: string;
  readonly #timer: NodeJS.Timeout;
  readonly #behind = new AbortController();
  #note: Note;
  #written: string;
  #seen: string;
  /** When a change was first seen that is not being written yet, by a clock that only goes forward. */
  #changed: number | undefined;
  #failingSince: number | undefined;
  #running: Promise<void> | undefined;

  /** @param dir of the working copy, in which `found`, the state in the store, lies already */
  constructor(stack: string, store: Store, dir: string, key: string, found: StoredObject, lock: string) {
    this.#stack = stack;
    this.#store = store;
    this.#dir = dir;
    this.#key = key;
    this.#written = found.text;
    this.#seen = this.#stamp();
    this.#note = { version: found.version, lock };
    writeNote(dir, this.#note);
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Aborted when the store has refused writes for long, or has another state: the engine is to end. */
  get behind(): AbortSignal {
    return this.#behind.signal;
  }

  /** Of the state in the store, as this copy has last read or written it. */
  get version(): string {
    return this.#note.version;
  }

  /**
   * Stops looking and writes what is left.
   *
   * @returns the state as it is now; undefined when the engine has removed the stack
   * @throws SitefleetError `copy.behind`, `copy.overtaken`
   */
  async end(): Promise<string | undefined> {
    clearInterval(this.#timer);
    await this.#running;
    const until = Date.now() + LAST_MS;
    for (;;) {
      const reason: unknown = this.#behind.signal.reason;
      if (hasCode(reason, "copy.overtaken")) throw reason;
      const text = readIn(this.#dir, this.#key);
      if (text === undefined || text === this.#written) return text;
      await this.#write(text);
      if (this.#failingSince === undefined) continue;
      if (Date.now() > until) throw behind(this.#stack, this.#dir);
      await sleep(PAUSE_MS);
    }
  }

  /** What a look costs while nothing changes: one question to the file system. */
  #look(): void {
    if (this.#behind.signal.aborted) return;
    const stamp = this.#stamp();
    if (stamp === this.#seen) this.#changed = undefined;
    else this.#changed ??= performance.now();
    if (this.#changed === undefined || this.#running || performance.now() - this.#changed < APART_MS) return;
    const text = readIn(this.#dir, this.#key);
    this.#changed = undefined;
    if (text === undefined || text === this.#written) {
      this.#seen = stamp;
      return;
    }
    this.#running = this.#write(text).finally(() => {
      this.#running = undefined;
      if (this.#failingSince === undefined) this.#seen = stamp;
      else if (Date.now() - this.#failingSince > BEHIND_MS) this.#behind.abort(behind(this.#stack, this.#dir));
    });
  }

  #stamp(): string {
    try {
      const { mtimeMs, size, ino } = statSync(join(this.#dir, this.#key));
      return `${mtimeMs} ${size} ${ino}`;
    } catch {
      return "";
    }
  }

  /** One attempt; never rejects. */
  async #write(text: string): Promise<void> {
    try {
      const sending = digestOfText(text);
      const before = this.#note;
      this.#note = { ...before, sending };
      writeNote(this.#dir, this.#note);
      const version = await replace(this.#store, this.#key, text, before);
      if (version === undefined) throw overtaken(this.#stack, this.#dir);
      this.#note = { version, lock: before.lock };
      writeNote(this.#dir, this.#note);
      this.#written = text;
      this.#failingSince = undefined;
    } catch (error) {
      if (hasCode(error, "copy.overtaken")) this.#behind.abort(error);
      else this.#failingSince ??= Date.now();
    }
  }
}

/**
 * Writes a state where the store still has the one that this copy has last seen or written there. Another one stays.
 *
 * @returns its version; undefined when the store has a state of another's
 * @throws SitefleetError `store.unreachable`
 */
export async function replace(
  store: Store,
  key: string,
  text: string,
  { version, sending }: Pick<Note, "version" | "sending">,
): Promise<string | undefined> {
  const written = await store.put(key, text, { version });
  if (written !== false) return written;
  // An earlier write of ours whose answer was lost, or this one, tried twice by the client.
  const there = await store.get(key);
  if (there === undefined) return undefined;
  if (there.text === text) return there.version;
  const ours = there.version === version || digestOfText(there.text) === sending;
  return (ours && (await store.put(key, text, { version: there.version }))) || undefined;
}

/** The backend does not take the newest state. */
function behind(stack: string, dir: string): SitefleetError {
  return new SitefleetError({
    code: "copy.behind",
    message: "the state backend does not take the stack's newest state",
    subject: stack,
    details: [`the newest state: ${dir}`],
    hint: "make the backend writable and run this again on this machine: it hands the state in first. The stack stays locked until then",
  });
}

/** Another has written the stack's state, although it was locked. */
function overtaken(stack: string, dir: string): SitefleetError {
  return new SitefleetError({
    code: "copy.overtaken",
    message: "another process has written this stack's state while it was locked; it was left as it is",
    subject: stack,
    details: [`what this machine had done: ${dir}`],
    hint: "sitefleet up puts right what the two left; it looks at the vendors for objects that no state knows",
  });
}
