import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { PROJECT } from "./project.ts";
import { Unusable } from "./read.ts";

/** Longest that a tool may take, ms. */
const LONGEST_MS = 15 * 60_000;
/** Of what a tool says on stderr, characters that are kept. */
const TAIL = 2000;

/** Where a tool may lie. */
export interface Places {
  /** As quality.yaml names it; nothing else is tried then. */
  readonly named?: string | undefined;
  readonly catalogDir: string;
  /** The working copy, whose own tool goes before ours. */
  readonly dir?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A tool's file: the one that is named, else the working copy's own, else this project's, else that of PATH. Nothing is installed.
 *
 * @throws Unusable when there is none
 */
export function findProgram(name: string, { named, catalogDir, dir, env }: Places, hint: string): string {
  if (named !== undefined) {
    const file = resolve(catalogDir, named);
    if (isProgram(file)) return file;
    throw new Unusable(`${name} is not at ${named}, which quality.yaml names`);
  }
  const path = (env.PATH ?? "").split(delimiter).filter((one) => isAbsolute(one));
  const own = [dir, PROJECT].flatMap((one) => (one === undefined ? [] : [join(one, "node_modules/.bin")]));
  const tools = [join(PROJECT, ".toolchain/quality/node_modules/.bin"), join(PROJECT, ".toolchain/quality/bin")];
  const found = [...own, ...tools, ...path].map((one) => join(one, name)).find(isProgram);
  if (found !== undefined) return found;
  throw new Unusable(`${name} is not installed: ${hint}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** How a tool ended. */
export interface Ended {
  readonly code: number;
  readonly stderr: string;
}

/**
 * Runs a tool without a shell and to its end; what it prints is bounded, and it is ended with all that it started.
 *
 * @throws Unusable when it takes too long, is stopped, or ends by a signal
 */
export function runTool(
  file: string,
  args: readonly string[],
  {
    cwd,
    env,
    signal,
    timeoutMs = LONGEST_MS,
  }: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly signal: AbortSignal;
    readonly timeoutMs?: number;
  },
): Promise<Ended> {
  return new Promise((done, fail) => {
    // What the tools of an estate run is the estate's own code: it gets no credentials of ours.
    const child = spawn(file, args, {
      cwd,
      env: { ...plainEnvironment(env), PATH: `${dirname(process.execPath)}${delimiter}${env.PATH ?? ""}` },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    let stderr = "";
    let why: string | undefined;
    const end = (reason: string) => {
      why ??= reason;
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        // It has ended already.
      }
    };
    const timer = setTimeout(() => end(`took longer than ${Math.round(timeoutMs / 1000)} s`), timeoutMs);
    const stop = () => end("was stopped");
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString("utf8")).slice(-TAIL);
    });
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    };
    child.on("error", (error) => {
      over();
      fail(new Unusable(`${file} cannot be started: ${(error as NodeJS.ErrnoException).code ?? error.message}`));
    });
    child.on("close", (code, killed) => {
      over();
      if (why !== undefined || code === null) fail(new Unusable(`the tool ${why ?? `ended by ${killed}`}`));
      else done({ code, stderr });
    });
  });
}

const KEPT = /^(HOME|LANG|LC_.*|TZ|TMPDIR|TERM|NO_COLOR|NODE_OPTIONS|XDG_.*|GIT_CONFIG_.*)$/;

const plainEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => KEPT.test(name)));

/** Does the work with a directory of its own, and removes it. */
export async function inScratch<Value>(work: (dir: string) => Promise<Value>): Promise<Value> {
  const dir = mkdtempSync(join(tmpdir(), "sitefleet-quality-"));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Why a tool failed, from the end of what it said. Pure. */
export const failed = (name: string, { code, stderr }: Ended): Unusable =>
  new Unusable(`${name} ended with ${code}: ${stderr.trim().split("\n").slice(-3).join(" ") || "it said nothing"}`);
