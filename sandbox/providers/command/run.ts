import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Capture } from "./lines.ts";

/** A local process to run. */
export interface Process {
  /** Program and arguments; the command itself is the last of them. */
  readonly args: readonly [string, ...string[]];
  /** @default the provider's own directory, which for a plugin is the program's */
  readonly dir?: string;
  /** Added to the provider's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** @default no input */
  readonly stdin?: string;
  /** Kills the process. Custom time-outs do not: the real provider ignores them. */
  readonly signal: AbortSignal;
}

/** What a process left. */
export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a process to its end.
 *
 * @throws Error `exit status 3: running "…":` and the output, in the words of the real provider
 */
export async function run(process: Process): Promise<Finished> {
  const command = process.args.at(-1) ?? "";
  const capture = new Capture();
  const outcome = await finish(process, capture);
  if (outcome !== undefined) throw new Error(`${outcome}: running ${JSON.stringify(command)}:\n${capture.both}`);
  return { stdout: capture.stdout, stderr: capture.stderr };
}

// Undefined when all went well, else why not.
function finish({ args, dir, env, stdin, signal }: Process, capture: Capture): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [program, ...rest] = args;
    const child = spawn(program, rest, {
      ...(dir === undefined ? {} : { cwd: dir }),
      env: { ...globalThis.process.env, ...env },
      stdio: [stdin ? "pipe" : "ignore", "pipe", "pipe"],
    });
    const kill = (): void => {
      if (!isTimeout(signal)) child.kill("SIGKILL");
    };
    if (signal.aborted) kill();
    else signal.addEventListener("abort", kill, { once: true });
    capture.follow(child);
    child.on("error", (error: NodeJS.ErrnoException) => resolve(startError(error, program, dir)));
    child.on("close", (code, killer) => {
      signal.removeEventListener("abort", kill);
      resolve(code === 0 ? undefined : exitText(code, killer));
    });
    // A process that does not read its input is no failure; Go's exec ignores the broken pipe too.
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
  });
}

function isTimeout(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
}

const SIGNALS: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

function exitText(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit status ${code}` : `signal: ${SIGNALS[signal] ?? signal}`;
}

function startError(error: NodeJS.ErrnoException, program: string, dir: string | undefined): string {
  const reason = error.code === "EACCES" ? "permission denied" : "no such file or directory";
  if (error.code !== "ENOENT" && error.code !== "EACCES") return error.message;
  // Node says ENOENT for the program even when it is the directory that is missing.
  if (dir !== undefined && !existsSync(dir)) return `chdir ${dir}: ${reason}`;
  return program.includes("/")
    ? `fork/exec ${program}: ${reason}`
    : `exec: ${JSON.stringify(program)}: executable file not found in $PATH`;
}
