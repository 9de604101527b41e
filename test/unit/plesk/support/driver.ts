import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeployDocumentInput } from "../../../../plesk/input.ts";
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
  // A batch prints several documents, one a line: those are the test's to read.
  const parse = (text: string) => (text.trim() === "" || /\n./.test(text) ? undefined : JSON.parse(text));
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, ...out, result: parse(out.stdout), error: parse(out.stderr) }));
  });
  return { child, ended };
}

/** Runs the driver to its end. */
export function drive(action: string, document: DeployDocumentInput | string, env?: NodeJS.ProcessEnv): Promise<Ended> {
  return startDriver(action, document, env).ended;
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
