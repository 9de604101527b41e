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
  /** Gives the state as JSON; called when it is about to be written. */
  readonly snapshot: () => unknown;
  /** Milliseconds from the first change to the write: the most that kill -9 loses. @default 500 */
  readonly debounceMs?: number;
  /** Told when a write in the background failed; the next change tries again. */
  readonly onError?: (error: unknown) => void;
}

const FORMAT = 1;

/** Keeps a file up to date with a state: debounced, and atomic by temporary file, fsync and rename. */
export function persist(options: PersistOptions): Persistence {
  const debounceMs = options.debounceMs ?? 500;
  const onError = options.onError ?? (() => {});
  let dirty = false;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    if (!dirty) return;
    dirty = false;
    try {
      await writeState(options.file, options.snapshot());
    } catch (error) {
      dirty = true;
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
    close: flush,
  };
}

/** Writes `state` to `file` so that a reader sees either the old content or the new, also after a crash. */
async function writeState(file: string, state: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ format: FORMAT, state })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/**
 * Reads what {@link writeState} wrote; undefined when there is no such file.
 * @throws SitefleetError `sandbox.state-corrupt` when it is cut off, no JSON, or of another format
 */
export async function readState(file: string): Promise<unknown> {
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
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw corrupt("is not JSON", error);
  }
  if (typeof parsed !== "object" || parsed === null || !("state" in parsed) || !("format" in parsed)) {
    throw corrupt("is not one of the sandbox");
  }
  if (parsed.format !== FORMAT) throw corrupt(`has format ${String(parsed.format)}, and this version reads ${FORMAT}`);
  return parsed.state;
}
