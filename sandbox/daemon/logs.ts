import { closeSync, copyFileSync, fstatSync, openSync, readdirSync, readSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

/** A log file is cut when it is larger than this, in bytes; one older part of about that size is kept beside it. */
const LOG_LIMIT = 8 * 1024 * 1024;

/** The last lines of a file, at most `lines` of them and 16 KiB; empty when it cannot be read. */
export function tail(path: string, lines = 25): string[] {
  try {
    const file = openSync(path, "r");
    try {
      const size = fstatSync(file).size;
      const buffer = Buffer.alloc(Math.min(size, 16 * 1024));
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString("utf8").trimEnd().split("\n").slice(-lines);
    } finally {
      closeSync(file);
    }
  } catch {
    return [];
  }
}

/**
 * Cuts every `*.log` of the folder that is over the limit, keeping what it held as `*.log.1`. The file itself stays
 * the same one, because the daemons (sshd among them) hold it open for appending and know nothing of rotation.
 */
export function boundLogs(folder: string, limit = LOG_LIMIT): void {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".log"));
  } catch {
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    try {
      if (statSync(path).size <= limit) continue;
      copyFileSync(path, `${path}.1`);
      truncateSync(path, 0);
    } catch {
      // gone meanwhile, or a full disk: the next round tries again
    }
  }
}
