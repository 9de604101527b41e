import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../../environment/index.ts";
import { readRun } from "../../fleet/backend/journal/journal.ts";
import { type EngineLock, engineLocks } from "../../fleet/backend/locks/engine-locks.ts";
import { describeLeftovers, leftovers } from "../../fleet/backend/locks/leftovers.ts";
import { describeHolder, holders, type LockHolding } from "../../fleet/backend/locks/locks.ts";
import { readCheckpoint } from "../../fleet/backend/states/checkpoint.ts";
import { inspectStates, type StateFault } from "../../fleet/backend/states/inspect.ts";
import { checkpoints } from "../../fleet/backend/states/state-files.ts";
import { checkBackendUrl, readBackendUrl, withoutPasswords } from "../../fleet/backend/store/backend-url.ts";
import { fileBackend, namesIn } from "../../fleet/backend/store/file-backend.ts";
import { freeBytes, LEAST_FREE_BYTES } from "../../fleet/backend/store/free-space.ts";
import { LOCKS } from "../../fleet/backend/store/project.ts";
import { stateDir } from "../../fleet/backend/store/state-dir.ts";
import { engineStore, ownStore, stateStore } from "../../fleet/backend/store/state-store.ts";
import type { Store } from "../../fleet/backend/store/store.ts";
import { readStacks } from "../../fleet/engine/read-stacks.ts";
import { SHARED_STACK } from "../../stacks/names.ts";
import { type Check, check, fault, type Line, ok, warning } from "../../vendors/checkup.ts";
import { REACH } from "./examine.ts";
import { roomLine } from "./room.ts";

const ROOM = {
  least: LEAST_FREE_BYTES,
  little: 512 * 2 ** 20,
  todo: "make room on the disk of the state backend",
  use: "states",
};
/** A run that holds locks for longer is worth a look, ms: the longest that a job of CI has. */
const LONG_MS = 6 * 3_600_000;

/** What is known of the backend. */
interface BackendFacts {
  /** Without passwords; empty where `pulumi login` has chosen it. */
  readonly address: string;
  readonly kind: Store["kind"] | "other";
  /** Of a directory: whether it is there, and may be written. */
  readonly there?: boolean;
  readonly writable?: boolean;
  /** Names of the stacks in it. */
  readonly stacks: readonly string[];
  /** Of a bucket: runs of before have taken locks in it, which needs conditional writes. */
  readonly locked?: boolean;
  /** Machines share what is ours in a place of its own. */
  readonly shared: boolean;
}

async function backendFacts(env: NodeJS.ProcessEnv): Promise<BackendFacts> {
  const url = env.PULUMI_BACKEND_URL ?? "";
  checkBackendUrl(env);
  const dir = fileBackend(env);
  const address = readBackendUrl(url);
  const kind = address.kind === "file" ? "directory" : address.kind;
  const base = { address: withoutPasswords(url), kind, shared: Boolean(env.SITEFLEET_STATE_URL) } as const;
  if (dir !== undefined && !existsSync(dir)) return { ...base, there: false, stacks: [] };
  const stacks = [...(await readStacks(env)).keys()];
  if (dir !== undefined) return { ...base, there: true, writable: mayWrite(dir), stacks };
  const store = await stateStore(env);
  return { ...base, stacks, locked: store && (await ownStore("", store).get("locks.json")) !== undefined };
}

function mayWrite(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Judges where the states are. Nothing is written to find out. Pure. */
function judgeBackend({ address, kind, there, writable, stacks, locked, shared }: BackendFacts): Line[] {
  const id = REACH;
  const place = address === "" ? "where `pulumi login` leads" : address;
  if (there === false) return [fault(id, `${place} is not there`, `mkdir -p ${address.replace(/^file:\/\//, "")}`)];
  if (writable === false)
    return [fault(id, `this user may not write to ${place}`, "run it as the owner, or change the directory's rights")];
  const said = ok(id, `${place}: ${stacks.length} stacks`);
  const conditions = "backend.conditions";
  if (kind === "other") {
    const text = shared
      ? "machines share locks at SITEFLEET_STATE_URL"
      : "locks of ours hold on this machine alone; SITEFLEET_STATE_URL shares them";
    return [said, ok(conditions, text)];
  }
  if (kind === "s3" && !locked)
    return [said, ok(conditions, "conditional writes: the first run that takes its locks tries them")];
  return [said, ok(conditions, "conditional writes hold")];
}

/** Judges the room that is left. Pure. @param free bytes; undefined where it cannot be known */
export function judgeSpace(free: number | undefined): Line[] {
  return free === undefined ? [] : [roomLine("backend.space", free, ROOM)];
}

/** What is held. */
export interface LockFacts {
  readonly engines: readonly (EngineLock & { readonly stack: string })[];
  readonly runs: readonly LockHolding[];
  /** ms since 1970 */
  readonly now: number;
}

async function lockFacts(env: NodeJS.ProcessEnv): Promise<LockFacts> {
  const folder = `${LOCKS}/`;
  const listed = (await (await engineStore(env))?.list(folder)) ?? [];
  const stacks = [...new Set(listed.map(({ key }) => key.slice(folder.length).split("/")[0] ?? ""))];
  const engines = stacks.map(async (stack) => (await engineLocks(stack, env)).map((lock) => ({ ...lock, stack })));
  const runs = holders({ dir: stateDir(env), store: await stateStore(env) });
  return { engines: (await Promise.all(engines)).flat(), runs: await runs, now: Date.now() };
}

/** Judges what is held. Pure. */
export function judgeLocks({ engines, runs, now }: LockFacts): Line[] {
  const id = "backend.locks";
  const ofEngines = engines.map(({ stack, user, host, pid, since, state }) => {
    const who = `${user}@${host}, process ${pid}, since ${since}`;
    if (state === "live") return ok(id, `an engine works on ${stack}: ${who}`);
    if (state === "dead")
      return warning(
        id,
        `an engine that is gone has left its lock on ${stack}: ${who}`,
        "nothing: the next run takes it away",
      );
    return warning(
      id,
      `another machine has locked ${stack}: ${who}`,
      `wait for it; when that machine is gone for certain: sitefleet up --gone ${host}`,
    );
  });
  const ofRuns = runs.map(({ holder, stacks }) => {
    const says = `a run holds ${stacks.length} stacks: ${describeHolder(holder)}`;
    return now - Date.parse(holder.since) > LONG_MS
      ? warning(
          id,
          says,
          `look whether it still works; when its machine is gone for certain: sitefleet up --gone ${holder.host}`,
        )
      : ok(id, says);
  });
  const lines = [...ofEngines, ...ofRuns];
  return lines.length > 0 ? lines : [ok(id, "nothing is locked")];
}

/** What is known of the states. */
interface StateFacts {
  readonly faults: readonly StateFault[];
  /** Stacks with operations of which the engine does not know how they ended. */
  readonly pending: readonly string[];
}

async function stateFacts(wanted: readonly string[], env: NodeJS.ProcessEnv): Promise<StateFacts> {
  const local = fileBackend(env) !== undefined;
  // From a bucket all states would be many megabytes: a run looks at those that it opens.
  const states = local ? await checkpoints(env) : undefined;
  const looked = states === undefined ? [SHARED_STACK] : [...wanted, ...states.keys()];
  const faults = [...(await inspectStates(looked, env)).values()];
  const damaged = new Set(faults.map(({ stack }) => stack));
  const pending = [...(states ?? [])].map(async ([stack, read]) => {
    if (damaged.has(stack)) return [];
    const { pending: begun } = readCheckpoint(await read().catch(() => undefined));
    return begun.length > 0 ? [stack] : [];
  });
  return { faults, pending: (await Promise.all(pending)).flat().sort() };
}

/** Judges the states. Pure. */
function judgeStates({ faults, pending }: StateFacts): Line[] {
  const id = "backend.states";
  const lines = [
    ...faults.map(({ stack, error, mendable }) =>
      mendable
        ? warning(
            id,
            `stack ${stack}: ${error.message}`,
            `sitefleet up --stack ${stack} puts the whole copy in its place`,
          )
        : fault(id, `stack ${stack}: ${error.message}`, error.hint ?? "sitefleet preview says which copies are whole"),
    ),
    ...pending.map((stack) =>
      warning(
        id,
        `stack ${stack} has operations that were cut off`,
        `sitefleet up --stack ${stack} looks at the vendors and mends it`,
      ),
    ),
  ];
  return lines.length > 0 ? lines : [ok(id, "whole")];
}

/** The newest run, where it has left something. */
function runLines(env: NodeJS.ProcessEnv): Line[] {
  const dir = join(stateDir(env), "runs");
  const newest = namesIn(dir)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .at(-1);
  if (newest === undefined) return [];
  const { run, operation, complete, interrupted, failed } = readRun(dir, newest.slice(0, -".jsonl".length));
  if (complete) return [ok("backend.runs", `the last run, ${run}, is complete`)];
  const says = `the last run, ${operation} ${run}, is not complete: ${interrupted.length} stacks interrupted, ${failed.length} failed`;
  return [warning("backend.runs", says, "when no run is under way: sitefleet up --resume")];
}

/** Where the states are, and what lies there. @param stacks those that the catalog needs */
export function backendChecks(stacks: readonly string[]): Check[] {
  const env = environment();
  return [
    check(REACH, "the state backend", () => backendFacts(env), judgeBackend),
    check("backend.space", "the disk of the states", () => freeBytes(env), judgeSpace),
    check("backend.locks", "the locks", () => lockFacts(env), judgeLocks),
    check("backend.states", "the states", () => stateFacts(stacks, env), judgeStates),
    check(
      "backend.runs",
      "the last run",
      () => runLines(env),
      (lines) => lines,
    ),
    check(
      "leftovers",
      "processes of killed runs",
      () => leftovers(),
      (left) =>
        left.length === 0
          ? [ok("leftovers", "no process of a killed run")]
          : [
              warning(
                "leftovers",
                describeLeftovers(left)
                  .replace(/^ended what/, "what")
                  .replace("had left running:", "has left runs still:"),
                "nothing: the next run ends them",
              ),
            ],
    ),
  ];
}
