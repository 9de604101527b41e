import { constants } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { SitefleetError } from "../../errors/index.ts";

/** Writes a state to disk soon after it changed. */
export interface Persistence {
  /** Says that the state has changed. Cheap; to be called as often as one likes. */
  changed(): void;
  /** Writes now, if anything changed. @throws Error of the file system (disk full …) */
  flush(): Promise<void>;
  /** Writes a last time and stops. */
  close(): Promise<void>;
}

/** Options of {@link persist}. */
export interface PersistOptions {
  /** The file; its directory is made when missing. */
  readonly file: string;
  /** Gives the state as JSON; called when all of it is about to be written. */
  readonly snapshot: () => unknown;
  /**
   * Gives what has changed since this was last asked, as JSON; undefined: only a snapshot tells. Called before every
   * write. @default undefined every time
   */
  readonly changes?: () => unknown;
  /** Milliseconds from the first change to the write: the most that kill -9 loses. @default 500 */
  readonly debounceMs?: number;
  /** Told when a write in the background failed; the next change tries again. */
  readonly onError?: (error: unknown) => void;
}

/** A state as it was read. */
export interface Saved {
  /** What `snapshot` gave. */
  readonly state: unknown;
  /** What `changes` gave since then, oldest first. */
  readonly changes: readonly unknown[];
}

const FORMAT = 1;
/** Characters of changes that a file may hold however small its snapshot is. */
const ROOM = 256 * 1024;

/**
 * Keeps a file up to date with a state, debounced. Its first line is a snapshot, written anew by temporary file, fsync
 * and rename; changes are added as further lines until they are as long as the snapshot. So a change costs its own size
 * and not that of the state, and the file is never more than about twice as long as it must be.
 */
export function persist(options: PersistOptions): Persistence {
  const debounceMs = options.debounceMs ?? 500;
  const onError = options.onError ?? (() => {});
  let dirty = false;
  /** Length of the snapshot in the file; undefined while nothing may be added to what the file holds. */
  let base: number | undefined;
  let added = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  /** @returns false when everything has to be written */
  const writeChanges = async (): Promise<boolean> => {
    // Asked in any case: what the snapshot will hold must not be added to it later.
    const changes = options.changes?.();
    if (changes === undefined || base === undefined || added >= Math.max(ROOM, base)) return false;
    const line = `${JSON.stringify(changes)}\n`;
    if (!(await addLine(options.file, line))) return false;
    added += line.length;
    return true;
  };
  const writeAll = async (): Promise<void> => {
    base = undefined;
    const text = `${JSON.stringify({ format: FORMAT, state: options.snapshot() })}\n`;
    await replaceFile(options.file, text);
    base = text.length;
    added = 0;
  };
  const write = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    try {
      if (!(await writeChanges())) await writeAll();
    } catch (error) {
      dirty = true;
      base = undefined;
      throw error;
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    // One write at a time; the one before may have failed, which was its caller's to hear.
    writing = writing.catch(() => {}).then(write);
    return writing;
  };
  return {
    changed() {
      dirty = true;
      timer ??= setTimeout(() => void flush().catch(onError), debounceMs).unref();
    },
    flush,
    close() {
      // At rest the file is one snapshot, whatever was added to it.
      if (added > 0) {
        dirty = true;
        base = undefined;
      }
      return flush();
    },
  };
}

/** Adds to a file that is there. @returns false when it cannot be, or only a part could */
async function addLine(file: string, line: string): Promise<boolean> {
  try {
    const handle = await open(file, constants.O_WRONLY | constants.O_APPEND);
    try {
      await handle.writeFile(line);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch {
    return false;
  }
}

/** Writes a file so that a reader sees either the old content or the new, also after a crash. */
async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/**
 * Reads what {@link persist} wrote; undefined when there is no such file. A last line that a crash cut off is left out.
 * @throws SitefleetError `sandbox.state-corrupt` when its snapshot is cut off, or a line is no JSON, or of another format
 */
export async function readState(file: string): Promise<Saved | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const corrupt = (message: string, cause?: unknown) =>
    new SitefleetError({
      code: "sandbox.state-corrupt",
      message: `The sandbox's state file ${message}.`,
      subject: file,
      hint: "Delete the file to start with an empty sandbox, or put back a copy.",
      ...(cause === undefined ? {} : { cause }),
    });
  // What follows the last end of line is nothing, or a change that was not written to its end.
  const [first = "", ...lines] = text.includes("\n") ? text.slice(0, text.lastIndexOf("\n")).split("\n") : [text];
  let parsed: unknown;
  let changes: unknown[];
  try {
    parsed = JSON.parse(first);
    changes = lines.map((line) => JSON.parse(line));
  } catch (error) {
    throw corrupt("is not JSON", error);
  }
  if (typeof parsed !== "object" || parsed === null || !("state" in parsed) || !("format" in parsed)) {
    throw corrupt("is not one of the sandbox");
  }
  if (parsed.format !== FORMAT) throw corrupt(`has format ${String(parsed.format)}, and this version reads ${FORMAT}`);
  return { state: parsed.state, changes };
}
