import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConstantBackoff, handleWhen, retry } from "cockatiel";
import { hasCode, SitefleetError } from "../../errors/index.ts";
import { SSH_ALIAS } from "../commands/rsync.ts";
import { SAY } from "../commands/script.ts";
import { EXIT } from "../exit-codes.ts";
import type { Host } from "../input.ts";
import { faultOfKey } from "../key/refuse.ts";
import { clientConfig, knownHosts, masterConfig, type SessionFiles, sessionFiles } from "./config.ts";
import { classifySshFailure, connectionError } from "./failure.ts";
import { type ProcessResult, runProcess } from "./process.ts";
import { WORDS } from "./words.ts";

/** Tries for one connection or one command whose connection broke; first one included. */
const ATTEMPTS = 4;
/** Milliseconds before a further try. Spread over runs by up to half, so that eight at a time do not come back together. */
const PAUSE_MS = 500;

/** rsync's words for a stream that broke: socket I/O, protocol stream, time-outs (rsync(1), EXIT VALUES). */
const BROKEN_STREAM = new Set([10, 12, 30, 35]);

/** Mode of every file in the private directory. */
const PRIVATE = { mode: 0o600 } as const;

/** Limits of a session, all in milliseconds. */
export interface SessionLimits {
  readonly connectMs: number;
  readonly commandMs: number;
}

/** What a script reported: its lines without the prefix. */
export type Said = readonly string[];

const isLost = (error: unknown): boolean => hasCode(error, "plesk.ssh.unreachable");

/** The error for something that must not be run twice. Not retried, unlike `plesk.ssh.unreachable`. */
const connectionLost = (label: string): SitefleetError =>
  new SitefleetError({
    code: "plesk.ssh.lost",
    message: `the connection was lost during ${label}`,
    hint: "it was put back as far as possible; run again",
    exitCode: EXIT.connection,
  });

/** One connection to the host, shared by every command of a run. */
export class Session {
  readonly #host: Host;
  readonly #dir: string;
  readonly #files: SessionFiles;
  readonly #limits: SessionLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #retry;
  readonly #whenClosed: (() => void)[] = [];
  readonly #shared: { warming?: Promise<void> | undefined };

  private constructor(host: Host, dir: string, limits: SessionLimits, signal?: AbortSignal, shared = {}) {
    this.#host = host;
    this.#dir = dir;
    this.#files = sessionFiles(dir);
    this.#limits = limits;
    this.#signal = signal;
    this.#shared = shared;
    this.#retry = retry(handleWhen(isLost), {
      maxAttempts: ATTEMPTS - 1,
      backoff: new ConstantBackoff(PAUSE_MS * (1 + Math.random() / 2)),
    });
  }

  /** Path of the ssh configuration that rsync's `--rsh` uses. */
  get sshConfig(): string {
    return this.#files.config;
  }

  /** Private directory of the session, mode 0700, removed by {@link close}. */
  get dir(): string {
    return this.#dir;
  }

  /**
   * Makes the private directory and connects.
   *
   * @throws SitefleetError `plesk.ssh.*` when the host cannot be reached within four tries, shows another key, or refuses the login.
   */
  static async open(host: Host, limits: SessionLimits, signal?: AbortSignal): Promise<Session> {
    // A socket's path must stay below 104 bytes, and ssh appends 17 while it makes it.
    const parent = tmpdir().length > 60 || /["'\s]/.test(tmpdir()) ? "/tmp" : tmpdir();
    const session = new Session(host, await mkdtemp(join(parent, "sitefleet-")), limits, signal);
    try {
      await session.#writeFiles();
      await session.#retry.execute(() => session.#warm());
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Connects once however many ask: the key lies on disk only while ssh logs in. */
  #warm(): Promise<void> {
    const shared = this.#shared;
    shared.warming ??= this.#connect().finally(() => {
      shared.warming = undefined;
    });
    return shared.warming;
  }

  /** Once: a command that starts while its configuration is being written would read half of it. */
  async #writeFiles(): Promise<void> {
    const { knownHosts: known, masterConfig: master, config } = this.#files;
    await writeFile(known, knownHosts(this.#host), PRIVATE);
    await writeFile(master, masterConfig(this.#host, this.#files, this.#limits.connectMs / 1000), PRIVATE);
    await writeFile(config, clientConfig(this.#files), PRIVATE);
  }

  async #connect(): Promise<void> {
    const { key, masterConfig: master } = this.#files;
    // Several commands notice the same lost connection; the first has made it anew for all.
    if (existsSync(this.#files.socket) && (await this.#masterAlive())) return;
    try {
      if (this.#host.privateKey !== undefined) {
        const fault = faultOfKey(this.#host.privateKey);
        if (fault !== undefined) {
          throw new SitefleetError({ code: "plesk.private-key", ...fault, exitCode: EXIT.connection });
        }
        // Secrets stores like to lose the closing newline and to add carriage returns; ssh accepts neither.
        await writeFile(key, `${this.#host.privateKey.replaceAll("\r\n", "\n").trimEnd()}\n`, PRIVATE);
      }
      const result = await runProcess({
        label: "connecting",
        command: "ssh",
        args: ["-F", master, SSH_ALIAS, "exit 0"],
        timeoutMs: this.#limits.connectMs,
        signal: this.#signal,
      });
      if (result.code === 255) throw connectionError(classifySshFailure(result.stderrTail));
      if (result.code !== 0) {
        throw new SitefleetError({
          code: "plesk.ssh.shell",
          message: `the host lets us in but runs no command (exit ${result.code})`,
          hint: "give the account a shell (Plesk: access over SSH, /bin/bash)",
          exitCode: EXIT.unfit,
        });
      }
    } finally {
      await rm(key, { force: true });
    }
  }

  async #masterAlive(): Promise<boolean> {
    const args = ["-F", this.#files.config, "-O", "check", SSH_ALIAS];
    return (await runProcess({ label: "asking the connection", command: "ssh", args, timeoutMs: 5_000 })).code === 0;
  }

  /** Runs one attempt; when the connection is what failed, connects anew before the next one. */
  async #attempt(run: () => Promise<ProcessResult>, context: { attempt: number }): Promise<ProcessResult> {
    if (context.attempt > 0) await this.#warm();
    const result = await run();
    if (result.code === 0) return result;
    // rsync reports a connection that broke in the middle as 12, 10 or 30, so it is the connection itself that is asked.
    const lost = result.code === 255 || !(await this.#masterAlive());
    if (lost) throw connectionError("unreachable");
    return result;
  }

  /**
   * Runs a script of `plesk/commands` on the host. The script must be safe to run again, since after a lost connection it is not known
   * how far it came; with `once` it is not run again.
   *
   * @throws SitefleetError `plesk.remote` when it fails (details hold the end of its stderr), `plesk.remote.<word>` when it
   * said `fail <word>`, `plesk.ssh.*`, `plesk.timeout`.
   */
  async run(
    label: string,
    script: string,
    options: { timeoutMs?: number; maxStdout?: number; once?: boolean } = {},
  ): Promise<Said> {
    const result = await this.#retry.execute((context) => {
      if (options.once && context.attempt > 0) throw connectionLost(label);
      return this.#attempt(
        () =>
          runProcess({
            label,
            command: "ssh",
            args: ["-F", this.#files.config, SSH_ALIAS, "sh -s"],
            stdin: script,
            timeoutMs: options.timeoutMs ?? this.#limits.commandMs,
            maxStdout: options.maxStdout,
            signal: this.#signal,
          }),
        context,
      );
    });
    const lines = result.stdout.split("\n");
    const word = lines.find((line) => line.startsWith(`${SAY}fail `))?.slice(SAY.length + 5);
    if (result.code !== 0 || word !== undefined || !lines.includes(`${SAY}done`)) {
      throw new SitefleetError({
        code: word === undefined ? "plesk.remote" : `plesk.remote.${word.split(" ")[0] ?? ""}`,
        message:
          word === undefined ? `${label} failed on the host (exit ${result.code})` : `${label}: ${WORDS[word] ?? word}`,
        details: result.stderrTail
          .split("\n")
          .filter((line) => line !== "")
          .slice(-10),
        exitCode: EXIT.remote,
      });
    }
    return lines;
  }

  /**
   * Runs rsync over the connection.
   *
   * @param call.reads It changes nothing: a stream that broke while the connection stands, as a busy host breaks one, is tried
   *   again as well, up to four times in all.
   * @returns its exit code and the end of its stderr; the caller judges, since not every failure is one (see 23, 24).
   * @throws SitefleetError `plesk.ssh.*` when the connection was lost four times, `plesk.timeout`, `plesk.program` without rsync here.
   */
  async rsync(call: {
    readonly label: string;
    readonly args: readonly string[];
    readonly stdin?: string;
    readonly timeoutMs: number;
    readonly onLine: (line: string) => void;
    readonly reads?: boolean;
  }): Promise<ProcessResult> {
    return this.#retry.execute(async (context) => {
      const result = await this.#attempt(
        () => runProcess({ ...call, command: "rsync", signal: this.#signal }),
        context,
      );
      const broken = call.reads === true && BROKEN_STREAM.has(result.code);
      // What the last try said is the caller's to tell.
      if (broken && context.attempt < ATTEMPTS - 1) throw connectionError("unreachable");
      return result;
    });
  }

  /**
   * Runs one command on the host with a local file as its input or output; it must be safe to run again.
   *
   * @returns its exit code and the end of its stderr.
   * @throws SitefleetError `plesk.ssh.*` when the connection was lost four times, `plesk.timeout`.
   */
  async transfer(call: {
    readonly label: string;
    readonly command: string;
    readonly stdinFile?: string;
    readonly stdoutFile?: string;
    readonly timeoutMs: number;
  }): Promise<ProcessResult> {
    const args = ["-F", this.#files.config, SSH_ALIAS, call.command];
    const signal = this.#signal ? { signal: this.#signal } : {};
    return this.#retry.execute((context) =>
      this.#attempt(() => runProcess({ ...call, command: "ssh", args, ...signal }), context),
    );
  }

  /** The same connection for what must still happen after an interruption: unlocking, going back. */
  withoutSignal(): Session {
    return new Session(this.#host, this.#dir, this.#limits, undefined, this.#shared);
  }

  /** Has something done when the connection is ended. */
  whenClosed(done: () => void): void {
    this.#whenClosed.push(done);
  }

  /** Ends the connection and removes the private directory; never throws. */
  async close(): Promise<void> {
    try {
      const args = ["-F", this.#files.config, "-O", "exit", SSH_ALIAS];
      await runProcess({ label: "closing", command: "ssh", args, timeoutMs: 5_000 });
    } catch {
      // It ends by itself after its idle time.
    }
    await rm(this.#dir, { recursive: true, force: true }).catch(() => {});
    for (const done of this.#whenClosed.splice(0)) done();
  }
}
