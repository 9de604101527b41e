import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";

/** Milliseconds between SIGTERM and SIGKILL for a process that ran into its time-out. */
const GRACE_MS = 2_000;

/** How to run one local program. */
export interface ProcessCall {
  /** What is being done, for messages, e.g. "upload". */
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Written to stdin, which is then closed. @default "" */
  readonly stdin?: string;
  /** Hard time-out in milliseconds: the whole process group is ended. */
  readonly timeoutMs: number;
  /** Ends the process when aborted. */
  readonly signal?: AbortSignal;
  /** Bytes of stdout that are kept; more is an error. @default 1 MiB */
  readonly maxStdout?: number;
  /** File that is stdin instead. */
  readonly stdinFile?: string;
  /** File that gets stdout instead; overwritten, mode 0600. */
  readonly stdoutFile?: string;
  /** Gets every line of stdout instead of keeping it. */
  readonly onLine?: (line: string) => void;
}

/** How it ended. */
export interface ProcessResult {
  /** Exit code; 128 + signal number is not synthesised: a death by signal is -1. */
  readonly code: number;
  readonly stdout: string;
  /** Last 4 KiB of stderr. */
  readonly stderrTail: string;
}

const STDERR_TAIL = 4 * 1024;
/** A line longer than this is cut: file names end at 4096 bytes, and rsync's escapes quadruple that at most. */
const MAX_LINE = 64 * 1024;

/**
 * Runs a program in a process group of its own, so that a time-out also ends what it started (rsync's ssh).
 *
 * @throws SitefleetError `plesk.timeout`, `plesk.interrupted`, `plesk.output` (more than `maxStdout`), `plesk.program` (could not be started).
 */
export function runProcess(call: ProcessCall): Promise<ProcessResult> {
  return new Promise((resolve, reject) => {
    if (call.signal?.aborted) return reject(interrupted(call.label));
    const files = [
      call.stdinFile === undefined ? undefined : openSync(call.stdinFile, "r"),
      call.stdoutFile === undefined ? undefined : openSync(call.stdoutFile, "w", 0o600),
    ] as const;
    const child = spawn(call.command, call.args, {
      detached: true,
      stdio: [files[0] ?? "pipe", files[1] ?? "pipe", "pipe"],
      env: { ...environment(), LC_ALL: "C" },
    });
    for (const file of files) if (file !== undefined) closeSync(file);
    let failure: SitefleetError | undefined;
    let killTimer: NodeJS.Timeout | undefined;
    const kill = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The group is gone already.
      }
    };
    const end = (error: SitefleetError): void => {
      if (failure) return;
      failure = error;
      kill("SIGTERM");
      killTimer = setTimeout(() => kill("SIGKILL"), GRACE_MS);
    };
    const timer = setTimeout(
      () =>
        end(
          new SitefleetError({
            code: "plesk.timeout",
            message: `${call.label} did not end within ${call.timeoutMs / 1000} s`,
            exitCode: EXIT.timeout,
          }),
        ),
      call.timeoutMs,
    );
    const onAbort = (): void => end(interrupted(call.label));
    call.signal?.addEventListener("abort", onAbort, { once: true });

    const maxStdout = call.maxStdout ?? 1024 * 1024;
    const chunks: Buffer[] = [];
    let kept = 0;
    let rest = "";
    const decoder = new TextDecoder();
    const emit = (text: string): void => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!.slice(0, MAX_LINE);
      for (const line of lines) call.onLine!(line);
    };
    child.stdout?.on("data", (chunk: Buffer) => {
      if (call.onLine) return emit(decoder.decode(chunk, { stream: true }));
      kept += chunk.length;
      if (kept <= maxStdout) chunks.push(chunk);
      else {
        end(
          new SitefleetError({
            code: "plesk.output",
            message: `${call.label} printed more than ${maxStdout} bytes`,
            exitCode: EXIT.remote,
          }),
        );
      }
    });
    let stderr = Buffer.alloc(0);
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL);
    });
    // A program that ends before it has read its input is judged by its exit code, not by the broken pipe.
    child.stdin?.on("error", () => {});
    child.stdin?.end(call.stdin ?? "");

    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      call.signal?.removeEventListener("abort", onAbort);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      settle();
      reject(
        new SitefleetError({
          code: "plesk.program",
          message: `${call.command} could not be started (${error.code ?? "unknown"})`,
          hint: `install ${call.command} on this machine`,
          exitCode: EXIT.unfit,
          cause: error,
        }),
      );
    });
    // A shared ssh connection gets our ends of the pipes, and keeps them for as long as the remote command runs. So they stay open
    // after a time-out, and the end of the program itself is what counts.
    child.on("exit", () => {
      if (failure === undefined) return;
      settle();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      reject(failure);
    });
    child.on("close", (code) => {
      settle();
      if (call.onLine && rest !== "") call.onLine(rest);
      if (failure) return reject(failure);
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(chunks).toString("utf8"),
        stderrTail: stderr.toString("utf8"),
      });
    });
  });
}

function interrupted(label: string): SitefleetError {
  return new SitefleetError({
    code: "plesk.interrupted",
    message: `${label} was interrupted`,
    exitCode: EXIT.interrupted,
  });
}
