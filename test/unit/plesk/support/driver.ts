import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { DeployDocumentInput } from "../../../../plesk/input.ts";
import { runDriver } from "../../../../plesk/program.ts";
import { tempDir } from "./temp.ts";

const MAIN = fileURLToPath(new URL("../../../../plesk/main.ts", import.meta.url));

/** How a run of the driver as a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON, undefined when empty. */
  readonly result: Record<string, unknown> | undefined;
  /** stderr as JSON, undefined when empty. */
  readonly error: { code: string; message: string; step?: string; hint?: string; details?: string[] } | undefined;
}

/** Starts the driver as Pulumi does. */
export function startDriver(
  action: string,
  document: DeployDocumentInput | string,
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [MAIN, action], { env: { ...process.env, ...env } });
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      out[name] += text;
    });
  }
  child.stdin.on("error", () => {});
  child.stdin.end(typeof document === "string" ? document : JSON.stringify(document));
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve(asEnded(code, out))));
  return { child, ended };
}

// A batch prints several documents, one a line: those are the test's to read.
const parse = (text: string) => (text.trim() === "" || /\n./.test(text) ? undefined : JSON.parse(text));
const asEnded = (code: number | null, out: Pick<Ended, "stdout" | "stderr">): Ended => ({
  code,
  ...out,
  result: parse(out.stdout),
  error: parse(out.stderr),
});

/** Runs the driver to its end: in this process, which takes half as long, unless it needs an environment of its own. */
export async function drive(
  action: string,
  document: DeployDocumentInput | string,
  env?: NodeJS.ProcessEnv,
): Promise<Ended> {
  if (env !== undefined) return startDriver(action, document, env).ended;
  const out = { stdout: "", stderr: "" };
  const before = process.umask(0o077);
  try {
    const code = await runDriver([action], {
      stdin: Readable.from([Buffer.from(typeof document === "string" ? document : JSON.stringify(document))]),
      stdout: (text) => {
        out.stdout += text;
      },
      stderr: (text) => {
        out.stderr += text;
      },
      signal: new AbortController().signal,
    });
    return asEnded(code, out);
  } finally {
    process.umask(before);
  }
}

/** Makes an artifact out of paths and contents. */
export function makeArtifact(files: Readonly<Record<string, string>>): string {
  const dir = tempDir("artifact-");
  writeFiles(dir, files);
  return dir;
}

/** Writes files below a directory, which is made. */
export function writeFiles(dir: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(dir, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
}
