import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import { PROJECT_ROOT } from "../machine/paths.ts";
import { tail } from "./logs.ts";
import { identify, type ProcessIdentity, terminate } from "./processes.ts";

/** A daemon to start. */
export interface Daemon {
  /** As shown to people: `cloud`, `providers`, `sshd`. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Gets stderr, and stdout unless {@link output} is given. Appended to. */
  readonly log: string;
  /** A file for stdout alone, emptied first. @default the log */
  readonly output?: string;
  readonly cwd: string;
}

/** A daemon that was started just now. */
export interface Launched {
  readonly identity: ProcessIdentity;
  /** How it ended, once it did. */
  ended(): string | undefined;
}

/** Node keeps compiled modules here, TypeScript stripped already: more than halves a daemon's start. */
const COMPILE_CACHE = join(PROJECT_ROOT, "node_modules/.cache/sitefleet/compile");

/**
 * Starts a program that outlives this process: own session, no terminal, files as its output.
 *
 * @throws SitefleetError `sandbox.start` when the program cannot be executed
 */
export async function launch(daemon: Daemon): Promise<Launched> {
  const [program = "", ...args] = daemon.command;
  mkdirSync(dirname(daemon.log), { recursive: true, mode: 0o700 });
  const log = openSync(daemon.log, "a", 0o600);
  const output = daemon.output === undefined ? log : openSync(daemon.output, "w", 0o600);
  let child: ChildProcess;
  try {
    const env = { NODE_COMPILE_CACHE: COMPILE_CACHE, ...daemon.env };
    const stdio: ["ignore", number, number] = ["ignore", output, log];
    child = spawn(program, args, { detached: true, stdio, env, cwd: daemon.cwd });
  } finally {
    closeSync(log);
    if (output !== log) closeSync(output);
  }
  let end: string | undefined;
  child.on("exit", (code, signal) => {
    end = signal === null ? `exit code ${code}` : `signal ${signal}`;
  });
  await new Promise<void>((done, fail) => {
    child.once("spawn", done);
    child.once("error", (cause) =>
      fail(
        new SitefleetError({ code: "sandbox.start", message: `Cannot run ${program}`, subject: daemon.name, cause }),
      ),
    );
  });
  child.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw startFailure(daemon, `it ended at once (${end ?? "gone"})`);
  return { identity, ended: () => end ?? (identify(identity.pid) === undefined ? "gone" : undefined) };
}

/**
 * Waits until `ready` gives something other than undefined, asking every few milliseconds. Ends the daemon when the
 * time is over.
 *
 * @throws SitefleetError `sandbox.start` with the tail of its log, when it ends first or the time is over
 */
export async function untilReady<T>(
  daemon: Daemon,
  launched: Launched,
  deadline: number,
  ready: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (;;) {
    const value = await ready();
    if (value !== undefined) return value;
    const end = launched.ended();
    if (end !== undefined) throw startFailure(daemon, `it ended (${end})`);
    if (Date.now() >= deadline) {
      await terminate([launched.identity], 1000);
      throw startFailure(daemon, "it was not ready in time");
    }
    await sleep(15);
  }
}

/** The error for a part that did not come up, with the tail of its log. @param why goes on after a colon */
export function startFailure(daemon: Daemon, why: string): SitefleetError {
  return new SitefleetError({
    code: "sandbox.start",
    message: `The sandbox's part "${daemon.name}" did not start: ${why}`,
    subject: daemon.log,
    details: tail(daemon.log),
    hint: "Read the log, then start again",
  });
}
