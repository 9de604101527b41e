import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../framework/index.ts";
import { sshAccess } from "./connection.ts";
import { Capture } from "./lines.ts";

// How the real provider waits between dials (sdk/go/common/util/retry): 100 ms, half as long again each time, at most 5 s.
const FIRST_DIAL_DELAY_MS = 100;
const DIAL_BACKOFF = 1.5;
const MAX_DIAL_DELAY_MS = 5_000;
const DEFAULT_DIAL_ERROR_LIMIT = 10;
// What `ssh` exits with when the connection itself failed; a remote command can exit with it too, but then the client logs nothing.
const SSH_FAILED = 255;

/** A run of `ssh` or `sftp` over a connection. */
export interface SshRun {
  readonly program: "ssh" | "sftp";
  /** What follows the host: the remote command for ssh, nothing for sftp. */
  readonly command?: string;
  /** Options of this run only. */
  readonly options?: readonly string[];
  /** Variables of the client's environment; sent only where `options` says so. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface SshResult {
  /** Exit status, undefined when a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout and stderr as they came. */
  readonly both: string;
}

/**
 * Runs over SSH, dialling again as often as the connection allows.
 *
 * @throws Error when no connection can be made; a command that fails is a result
 */
export async function overSsh(connection: Props, wanted: SshRun): Promise<SshResult> {
  const limit = Number(connection.dialErrorLimit ?? DEFAULT_DIAL_ERROR_LIMIT);
  let delay = FIRST_DIAL_DELAY_MS;
  for (let dials = 1; ; dials++) {
    const access = await sshAccess(connection);
    try {
      const host = access.host;
      const options = [...access.options, ...(wanted.program === "ssh" ? ["-E", access.log, "-T"] : [])];
      const rest = wanted.command === undefined ? [host] : [host, wanted.command];
      const args = [...options, ...(wanted.options ?? []), ...(wanted.program === "ssh" ? ["--", ...rest] : rest)];
      const result = await runClient(args, { ...access.env, ...wanted.env }, wanted);
      if (result.status !== SSH_FAILED) return result;
      const log = (await readFile(access.log, "utf8").catch(() => "")).trim();
      const problem = wanted.program === "ssh" ? log : result.stderr;
      if (problem === "") return result;
      if (limit >= 0 && dials > limit) throw new Error(`after ${dials - 1} failed attempts: ${problem}`);
    } finally {
      await access.dispose();
    }
    await sleep(delay, undefined, { signal: wanted.signal });
    delay = Math.min(delay * DIAL_BACKOFF, MAX_DIAL_DELAY_MS);
  }
}

function runClient(args: readonly string[], env: Readonly<Record<string, string>>, wanted: SshRun): Promise<SshResult> {
  const { PATH, HOME } = process.env;
  return new Promise((resolve, reject) => {
    const capture = new Capture();
    const child = spawn(wanted.program, args, {
      env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...env },
      stdio: [wanted.stdin ? "pipe" : "ignore", "pipe", "pipe"],
    });
    capture.follow(child);
    child.on("error", (cause) => reject(new Error(`cannot run ${wanted.program}: ${cause.message}`, { cause })));
    child.on("close", (code) => {
      const { stdout, stderr, both } = capture;
      resolve({ status: code ?? undefined, stdout, stderr, both });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(wanted.stdin);
  });
}
