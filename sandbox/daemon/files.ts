import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Mode of files that hold keys or secrets. */
export const PRIVATE = 0o600;

const temporary = (path: string): string => `${path}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`;

/** Replaces a file at one stroke: readers see the old text or the new one, never a part. @param mode @default 0600 */
export function writeAtomic(path: string, text: string, mode = PRIVATE): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = temporary(path);
  const file = openSync(next, "wx", mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}

/** Reads a JSON file; undefined when it is missing or not JSON (a file of ours is only ever replaced whole). */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Deletes a file if it is there. */
export function remove(path: string): void {
  rmSync(path, { force: true });
}
