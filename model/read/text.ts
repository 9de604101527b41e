import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../problem.ts";

/** Larger files are refused before they are read: 5000 sites take 0.7 MB. */
export const LARGEST = 32 * 1024 * 1024;

/** A file's text, without BOM, with LF as line end; undefined when it was reported as a problem. */
export function readText(dir: string, name: string, report: Report): { file: string; text: string } | undefined {
  const file = join(dir, name);
  const place = { file, line: 1, field: "file" };
  let bytes: Buffer;
  try {
    const status = statSync(file);
    // A pipe would be waited for, without end.
    const wrong = !status.isFile() ? "is no file" : status.size > LARGEST ? `has ${status.size} bytes` : undefined;
    if (wrong) {
      report("file.missing", place, wrong, `a file of at most ${LARGEST} bytes`);
      return undefined;
    }
    bytes = readFileSync(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    const wrong = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    report("file.missing", place, wrong, "a readable file; see docs/reference/catalog.md for its form");
    return undefined;
  }
  const text = decode(bytes);
  if (text === undefined) {
    const line = firstBadLine(bytes);
    report("file.encoding", { ...place, line }, "is not UTF-8", "save it as UTF-8");
    return undefined;
  }
  const normal = text.replace(/\r\n?/g, "\n");
  if (normal.trim() === "") {
    report("file.empty", place, "is empty", "see docs/reference/catalog.md for its form");
    return undefined;
  }
  return { file, text: normal };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // UTF-16 without a BOM decodes as UTF-8 full of NULs.
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Line of the first byte that is not UTF-8 (or NUL). A line feed is never part of a longer UTF-8 sequence. */
function firstBadLine(bytes: Buffer): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end === -1 ? bytes.length : end);
    if (decode(part) === undefined) return line;
    if (end === -1) return 1;
    start = end + 1;
  }
}
