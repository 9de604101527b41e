// Everything that tests leave in the temporary folder lies in one folder of the run, which goes with it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For vitest's `globalSetup`: the folder before the first test, and its end after the last. */
export default function setup(): () => void {
  // Short, because sockets in it may have 107 bytes of path.
  const dir = mkdtempSync(join(tmpdir(), "sf-"));
  process.env.TMPDIR = dir;
  return () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}
