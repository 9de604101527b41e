import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { fileBackend } from "./holders.ts";
import { lifeOf, type ProcessLife } from "./process-life.ts";
import { PROJECT_NAME } from "./project.ts";
import type { LockHolder } from "./types.ts";

/** Organisation of every stack in a DIY backend. */
const ORGANIZATION = "organization";
/**
 * Age from which a lock of another machine counts as left behind, ms. No operation on one stack of ours takes longer: a
 * deployment's create ends after 15 minutes.
 */
export const FOREIGN_LOCK_MS = 2 * 3_600_000;

const lockSchema = z.object({ pid: z.number(), username: z.string(), hostname: z.string(), timestamp: z.string() });

/** What is known of a lock: `dead` may be broken, `live` never, `unknown` is another machine's and not old enough. */
export type LockState = "live" | "dead" | "unknown";

/** A lock of the engine on a stack. */
export interface EngineLock extends LockHolder {
  readonly file: string;
  readonly state: LockState;
}

/** Judges a lock. Pure. @param life of the process with that pid on this machine */
export function judgeLock(
  lock: { readonly hostname: string; readonly timestamp: string },
  here: string,
  now: number,
  life: ProcessLife,
  foreignMs: number = FOREIGN_LOCK_MS,
): LockState {
  const since = Date.parse(lock.timestamp);
  if (lock.hostname !== here) return now - since > foreignMs ? "dead" : "unknown";
  if (!life.alive) return "dead";
  // Another process with the same number: it began after the lock was taken. Ten seconds forgive a clock that was set.
  if (life.startedAt !== undefined && life.startedAt > since + 10_000) return "dead";
  return life.isPulumi === false ? "dead" : "live";
}

/**
 * The engine's locks on a stack. Empty for backends other than a directory: their locks cannot be read from here, and the
 * engine itself refuses to start while there is one.
 */
export function engineLocks(
  stack: string,
  env: NodeJS.ProcessEnv = process.env,
  now: number = Date.now(),
): EngineLock[] {
  const backend = fileBackend(env);
  if (backend === undefined) return [];
  const dir = join(backend, ".pulumi", "locks", ORGANIZATION, PROJECT_NAME, stack);
  return namesIn(dir).flatMap((name): EngineLock[] => {
    const file = join(dir, name);
    const lock = readLock(file);
    if (lock === undefined) return [];
    const { pid, username: user, hostname: host, timestamp: since } = lock;
    return [{ file, pid, user, host, since, state: judgeLock(lock, hostname(), now, lifeOf(pid)) }];
  });
}

/**
 * Removes the locks of processes that are gone. Each lock is a file of its own and is removed by itself: `pulumi cancel`
 * removes all of a stack's locks, also one that somebody took since they were looked at.
 *
 * @returns whose locks were removed
 * @throws SitefleetError `stack.locked` when a holder lives, or may live on another machine; nothing is removed then
 */
export function breakDeadLocks(stack: string, env: NodeJS.ProcessEnv = process.env): LockHolder[] {
  const locks = engineLocks(stack, env);
  const held = locks.filter(({ state }) => state !== "dead");
  if (held.length > 0) {
    throw new SitefleetError({
      code: "stack.locked",
      message: "the stack is being worked on",
      subject: stack,
      hint: held.some(({ state }) => state === "unknown")
        ? `if that run is over for certain: pulumi cancel -s ${stack}`
        : "wait for it to end",
      details: held.map(({ user, host, pid, since }) => `${user}@${host}, process ${pid}, since ${since}`),
    });
  }
  for (const { file } of locks) {
    rmSync(file, { force: true });
    rmSync(`${file}.attrs`, { force: true });
  }
  return locks.map(({ user, host, pid, since }) => ({ user, host, pid, since }));
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

/** A lock that vanished or is being written is nobody's yet: the engine looks again after it has written its own. */
function readLock(file: string): z.infer<typeof lockSchema> | undefined {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
