import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import spawn, { type SubprocessError } from "nano-spawn";
import { childEnvironment } from "../../environment/index.ts";

/** Bytes that a step may print; more is taken for a step that has run wild. */
const MAX_OUTPUT = 64 * 1024 * 1024;
/** Bytes of the end of its output that are kept. */
const TAIL = 8 * 1024;
/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;
/** How often the size of the output is looked at. */
const WATCH_MS = 200;

/** One program to run. */
export interface Call {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** File that gets the output. */
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
}

/** How it ended. */
export interface Ended {
  /** `ok`, or why it did not end well; `interrupted` by the caller's signal. */
  readonly how: "ok" | "failed" | "timeout" | "output" | "interrupted";
  /** null after a death by signal. */
  readonly exitCode: number | null;
  /** The end of what it printed, stdout and stderr together, at most 8 KiB. */
  readonly tail: string;
  readonly seconds: number;
}

/**
 * Runs a program in a process group of its own with a hard limit of time and of output. Its output goes into a file, so
 * neither memory nor a process that keeps the pipe open matter; when the program has ended, whatever it started is ended too.
 */
export async function run(call: Call): Promise<Ended> {
  const log = openSync(call.log, "w+", 0o600);
  const started = performance.now();
  let why: Ended["how"] | undefined;
  let pid: number | undefined;
  let killer: NodeJS.Timeout | undefined;
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  const stop = (reason: Ended["how"]): void => {
    if (why !== undefined) return;
    why = reason;
    kill("SIGTERM");
    killer = setTimeout(() => kill("SIGKILL"), GRACE_MS);
  };
  const onAbort = (): void => stop("interrupted");
  const timer = setTimeout(() => stop("timeout"), call.timeoutSeconds * 1000);
  const watch = setInterval(() => fstatSync(log).size > MAX_OUTPUT && stop("output"), WATCH_MS);
  try {
    if (call.signal?.aborted) return { how: "interrupted", exitCode: null, tail: "", seconds: 0 };
    const child = spawn(call.program, [...call.args], {
      cwd: call.cwd,
      env: childEnvironment(call.env),
      stdio: ["ignore", log, log],
      detached: true,
    });
    // Looked at below; without this a failure before that would count as unhandled.
    child.catch(() => {});
    const instance = await child.nodeChildProcess;
    pid = instance.pid;
    call.signal?.addEventListener("abort", onAbort, { once: true });
    if (call.signal?.aborted) stop("interrupted");
    let exitCode: number | null = 0;
    try {
      await child;
    } catch (error) {
      exitCode = (error as SubprocessError).exitCode ?? null;
    }
    kill("SIGKILL");
    if (why === undefined && fstatSync(log).size > MAX_OUTPUT) why = "output";
    const seconds = (performance.now() - started) / 1000;
    return { how: why ?? (exitCode === 0 ? "ok" : "failed"), exitCode, tail: tailOf(log), seconds };
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    clearInterval(watch);
    call.signal?.removeEventListener("abort", onAbort);
    closeSync(log);
  }
}

function tailOf(file: number): string {
  const { size } = fstatSync(file);
  const buffer = Buffer.alloc(Math.min(size, TAIL));
  readSync(file, buffer, 0, buffer.length, size - buffer.length);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey
  return buffer.toString("utf8").replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
