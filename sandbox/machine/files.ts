import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Mode of files that hold keys or secrets. */
const PRIVATE = 0o600;

/**
 * Replaces a file at one stroke: readers see the old text or the new one, never a part, also when this process is
 * killed. A file that holds the text already is left alone.
 *
 * @param mode @default 0600
 */
export function writeAtomic(path: string, text: string, mode = PRIVATE): void {
  if (readText(path) === text) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;
  const file = openSync(next, "wx", mode);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
  // No fsync: what is written here can be made again, and a busy disk would cost every start a second.
  renameSync(next, path);
}

/** Reads a file; undefined when it cannot be read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Reads a JSON file; undefined when it is missing or not JSON (a file of ours is only ever replaced whole). */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path) ?? "");
  } catch {
    return undefined;
  }
}

/** Deletes a file if it is there. */
export function remove(path: string): void {
  rmSync(path, { force: true });
}
