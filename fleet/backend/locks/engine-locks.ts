import { hostname } from "node:os";
import { z } from "zod";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { engineInCopy } from "./copy-engine.ts";
import { checkpointTime, type LockFile, lockFiles } from "./engine-files.ts";
import { bootId, ticksOf } from "./holder.ts";
import { lifeOf, type ProcessLife } from "./process-life.ts";

/** Who holds a lock of the state backend. */
export interface LockHolder {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601 */
  readonly since: string;
}

/**
 * Age from which a lock of another machine counts as left behind, ms. No operation on one stack of ours takes longer: a
 * deployment's create ends after 15 minutes.
 */
export const FOREIGN_LOCK_MS = 2 * 3_600_000;
/**
 * For how long the stack of a run of ours that ended without a word on another machine must have been left alone until the
 * lock there counts as left behind, ms. The longest step is a deployment's create, 15 minutes.
 */
export const LEFT_LOCK_MS = 20 * 60_000;
/** Machines' clocks may differ by so much, ms. */
const SKEW_MS = 60_000;

const lockSchema = z.object({
  pid: z.number(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.string(),
  /** A process of ours that has an engine work in a copy (`backend/copy`): its boot and start, so that no other process is meant. */
  sitefleet: z.object({ boot: z.string(), ticks: z.string() }).optional(),
});

/** What is known of a lock: `dead` may be broken, `live` never, `unknown` is another machine's and not old enough. */
export type LockState = "live" | "dead" | "unknown";

/** A lock of the engine on a stack. */
export interface EngineLock extends LockHolder {
  /** File or object of the lock. */
  readonly file: string;
  readonly state: LockState;
}

/** What is known of other machines when their locks are judged. */
export interface ForeignKnowledge {
  /** Names of machines that a person says are gone: their locks are left behind. @default none */
  readonly gone?: ReadonlySet<string>;
  /** The run of ours that ended without a word on this stack: where, and since when it had it. @default none */
  readonly left?: { readonly host: string; readonly since: string };
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
 * The engine's locks on a stack. Empty for Pulumi Cloud, Google's and Azure's stores: their locks cannot be read from here,
 * and the engine itself refuses to start while there is one.
 *
 * @throws SitefleetError `store.unreachable`
 */
export async function engineLocks(
  stack: string,
  env: NodeJS.ProcessEnv = environment(),
  known: ForeignKnowledge = {},
  now: number = Date.now(),
): Promise<EngineLock[]> {
  return (await read(stack, env, known, now)).map(({ lock }) => lock);
}

/**
 * Removes the locks of processes that are gone. Each lock is a file of its own and is removed by itself: `pulumi cancel`
 * removes all of a stack's locks, also one that was taken since they were looked at.
 *
 * @returns whose locks were removed
 * @throws SitefleetError `stack.locked` when a holder lives, or may live on another machine; nothing is removed then
 */
export async function breakDeadLocks(
  stack: string,
  env: NodeJS.ProcessEnv = environment(),
  known: ForeignKnowledge = {},
): Promise<LockHolder[]> {
  const found = await read(stack, env, known, Date.now());
  const held = found.filter(({ lock }) => lock.state !== "dead").map(({ lock }) => lock);
  if (held.length > 0) throw lockedBy(stack, held);
  for (const { file } of found) await file.remove();
  return found.map(({ lock: { user, host, pid, since } }) => ({ user, host, pid, since }));
}

/** Who works on a stack with an engine, as an error; undefined when no engine does, or when it cannot be told. */
export async function engineHolder(
  stack: string,
  env: NodeJS.ProcessEnv = environment(),
): Promise<SitefleetError | undefined> {
  try {
    const held = (await engineLocks(stack, env)).filter(({ state }) => state !== "dead");
    return held.length > 0 ? lockedBy(stack, held) : undefined;
  } catch {
    return undefined;
  }
}

/** What is said of a stack that an engine has locked. */
function lockedBy(stack: string, held: readonly EngineLock[]): SitefleetError {
  const elsewhere = held.find(({ state }) => state === "unknown");
  return stackLocked(
    stack,
    held.map(({ user, host, pid, since }) => `${user}@${host}, process ${pid}, since ${since}`),
    elsewhere &&
      `if that machine is gone for certain: sitefleet up --gone ${elsewhere.host}, or pulumi cancel -s ${stack}`,
  );
}

/** The refusal of a stack that an engine works on. @param by who does, a line each */
export function stackLocked(stack: string, by: readonly string[], hint = "wait for it to end"): SitefleetError {
  return new SitefleetError({
    code: "stack.locked",
    message: "the stack is being worked on",
    subject: stack,
    hint,
    details: by,
  });
}

async function read(stack: string, env: NodeJS.ProcessEnv, known: ForeignKnowledge, now: number) {
  const found: { readonly file: LockFile; readonly lock: EngineLock }[] = [];
  let checkpoint: Promise<number | undefined> | undefined;
  for (const file of await lockFiles(stack, env)) {
    const content = parse(file.text);
    if (content === undefined) continue;
    const { pid, username: user, hostname: host, timestamp: since } = content;
    let foreignMs = FOREIGN_LOCK_MS;
    let judged = content;
    if (known.gone?.has(host)) foreignMs = Number.NEGATIVE_INFINITY;
    else if (known.left?.host === host && Date.parse(since) > Date.parse(known.left.since) - SKEW_MS) {
      checkpoint ??= checkpointTime(stack, env);
      const sign = Math.max(Date.parse(since), (await checkpoint) ?? 0);
      judged = { ...content, timestamp: new Date(sign).toISOString() };
      foreignMs = LEFT_LOCK_MS;
    }
    const state = judgeLock(judged, hostname(), now, lifeIn(stack, content, env), foreignMs);
    found.push({ file, lock: { file: file.name, pid, user, host, since, state } });
  }
  return found;
}

/** Whether what holds a lock lives: of a copy our own process, or the engine that it has left at work there. */
function lifeIn(stack: string, { pid, sitefleet }: z.infer<typeof lockSchema>, env: NodeJS.ProcessEnv): ProcessLife {
  if (sitefleet === undefined) return lifeOf(pid);
  const same = sitefleet.boot === (bootId() ?? "") && sitefleet.ticks === (ticksOf(pid) ?? "");
  return { alive: (same && lifeOf(pid).alive) || engineInCopy(stack, env) !== undefined };
}

/** A lock that is being written does not count yet: the engine looks again after it has written its own. */
function parse(text: string): z.infer<typeof lockSchema> | undefined {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
