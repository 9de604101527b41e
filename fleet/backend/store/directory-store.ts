import { createHash, randomBytes } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Condition, type ListedObject, type Store, unreachable } from "./store.ts";

/** File that a process locks while it writes under a condition or appends. */
const MUTEX = ".store.lock";
/** How long a process waits for the others' writes, ms; each takes a few. */
const BUSY_MS = 20_000;
/** Files that are being written. */
const PART = /\.[0-9a-f]+\.tmp$/;
const HINT = "check that this user can read and write the directory, and that its disk has room";

/**
 * Files in a directory, one an object. A reader sees an object as it was before a write or after it, never half of it.
 * Conditions hold between all processes that share the directory: a lock of the system ends with its process, `kill -9` or not.
 */
export function directoryStore(dir: string): Store {
  const at = (key: string) => join(dir, key);
  return {
    kind: "directory",
    get: async (key) =>
      reading(at(key), (file) => {
        const bytes = readFileSync(file);
        return { text: bytes.toString("utf8"), version: versionOf(bytes) };
      }),
    bytes: async (key) => reading(at(key), (file) => ({ content: readFileSync(file) })),
    head: async (key, bytes) => reading(at(key), (file) => ({ content: headOf(file, bytes) })),
    put: async (key, text, condition) => writing(at(key), (file) => put(dir, file, text, condition)),
    append: async (key, text) =>
      writing(at(key), (file) => {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        // A system call writes a few kilobytes in one step, more need not be.
        alone(dir, () => appendFileSync(file, text, { mode: 0o600, flush: true }));
      }),
    remove: async (key) => writing(at(key), (file) => rmSync(file, { force: true })),
    list: async (prefix) => filesBelow(dir, prefix).sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
}

function put(dir: string, file: string, text: string, condition: Condition | undefined): string | false {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    writeFileSync(part, text, { mode: 0o600, flush: true });
    // A link appears whole or not at all, and never in place of what is there.
    const version = versionOf(Buffer.from(text));
    if (condition !== undefined && "absent" in condition) return linked(part, file) && version;
    return alone(dir, () => {
      if (condition !== undefined && versionHere(file) !== condition.version) return false;
      renameSync(part, file);
      return version;
    });
  } finally {
    rmSync(part, { force: true });
  }
}

function linked(part: string, file: string): boolean {
  try {
    linkSync(part, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Does something while no other process does. The lock is the write lock of an empty database. */
function alone<Result>(dir: string, work: () => Result): Result {
  const mutex = new DatabaseSync(join(dir, MUTEX), { timeout: BUSY_MS });
  try {
    mutex.exec("BEGIN IMMEDIATE");
    return work();
  } finally {
    // Closing gives the lock back; nothing was written that could be committed.
    mutex.close();
  }
}

function versionHere(file: string): string | undefined {
  try {
    return versionOf(readFileSync(file));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const versionOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function headOf(file: string, most: number): string {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(most);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, most, 0)).toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** All files whose path below the directory begins with a text. */
function filesBelow(dir: string, prefix: string): ListedObject[] {
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const found: ListedObject[] = [];
  for (const entry of reading(join(dir, folder), (path) => readdirSync(path, { withFileTypes: true })) ?? []) {
    const key = folder + entry.name;
    if (!key.startsWith(prefix) || PART.test(key) || key.startsWith(MUTEX)) continue;
    const below = entry.isDirectory() ? filesBelow(dir, `${key}/`) : [];
    if (below.length > 0) found.push(...below);
    else found.push(new Listed(entry.isDirectory() ? `${key}/` : key, join(dir, key)));
  }
  return found;
}

/** Is asked about itself when that matters: a history has thousands of files, of which mostly the names do. */
class Listed implements ListedObject {
  readonly key: string;
  readonly #file: string;

  constructor(key: string, file: string) {
    this.key = key;
    this.#file = file;
  }

  get size(): number {
    return this.key.endsWith("/") ? 0 : (this.#stat()?.size ?? 0);
  }

  get modifiedAt(): number {
    return this.#stat()?.mtimeMs ?? 0;
  }

  /** Undefined when it was removed in the meantime. */
  #stat(): Stats | undefined {
    return reading(this.#file, (file) => statSync(file));
  }
}

/** Undefined where nothing is: a folder in place of a file is no object either. */
function reading<Value>(path: string, read: (path: string) => Value): Value | undefined {
  try {
    return read(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreachable(path, error, HINT);
  }
}

function writing<Value>(path: string, write: (path: string) => Value): Value {
  try {
    return write(path);
  } catch (error) {
    throw unreachable(path, error, HINT);
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const isMissing = (error: unknown) => ["ENOENT", "ENOTDIR", "EISDIR"].includes(codeOf(error) ?? "");
