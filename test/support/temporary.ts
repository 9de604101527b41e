// Everything that tests leave in the temporary folder lies in one folder of the run, which goes with it.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For vitest's `globalSetup`: the folder before the first test, and its end after the last. */
export default function setup(): () => void {
  // Short, because sockets in it may have 107 bytes of path.
  const dir = mkdtempSync(join(tmpdir(), "sf-"));
  // PostgreSQL refuses to run as root: its own user must be able to reach its folder in here.
  chmodSync(dir, 0o711);
  process.env.TMPDIR = dir;
  return () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}
