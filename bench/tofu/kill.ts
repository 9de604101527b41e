import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { readProcess, readProcesses } from "../measure/proc.ts";
import { descendants } from "../measure/tree.ts";
import type { Row } from "../types.ts";
import { doubledIn, objectsAt } from "./said.ts";
import { type Side, vercelOf } from "./sides.ts";

/** How often the vendor's objects are counted, ms. */
const LOOK_MS = 50;
/** How often it is tried to go on, before it counts as never. */
const TRIES = 3;
/** Longest wait for a killed command's processes to be gone, ms. */
const GONE_MS = 30_000;

/** What a kill came to. */
export interface Killed {
  /** The run that went on; the last one where several were needed. */
  readonly row: Row;
  /** Runs until one ended well; more than the tries where none did. */
  readonly runs: number;
  /** Objects at the vendor that no state had when the processes were gone. */
  readonly lostAtFirst: number;
  /** The same after going on. */
  readonly lost: number;
  /** Builds of one commit beyond the first, after going on. */
  readonly doubled: number;
  /** What the last run said that did not end well. */
  readonly said?: string;
}

/**
 * Starts the first update, kills all that it consists of when half of the objects are there, and goes on.
 *
 * @param objects that the whole update makes
 * @throws Error when it was done before it could be killed
 */
export async function killHalfWay(side: Side, objects: number): Promise<Killed> {
  const before = objectsAt(await vercelOf(side.estate)).length;
  const { command, args, env } = side.first();
  const child = spawn(command, args, { cwd: PROJECT_ROOT, env, stdio: "ignore" });
  const ended = once(child, "exit");
  while (objectsAt(await vercelOf(side.estate)).length - before < objects / 2) {
    if (child.exitCode !== null) throw new Error("the first update was done before it could be killed");
    await sleep(LOOK_MS);
  }
  await killTree(child.pid ?? 0);
  await ended;
  const lostAtFirst = await side.lost();
  let [runs, row, said] = [0, undefined as Row | undefined, undefined as string | undefined];
  const began = performance.now();
  while (row === undefined && runs < TRIES) {
    runs += 1;
    try {
      row = await side.run("first up");
      said = undefined;
    } catch (error) {
      said = (error as Error).message;
    }
  }
  const found = row ?? unfinished(side, (performance.now() - began) / 1000);
  const doubled = doubledIn(await vercelOf(side.estate));
  return {
    row: { ...found, operation: "going on after kill -9" },
    runs: row === undefined ? TRIES + 1 : runs,
    lostAtFirst,
    lost: await side.lost(),
    doubled,
    ...(said === undefined ? {} : { said }),
  };
}

/** All tries together, where none ended well: what they cost is not known. */
function unfinished({ variant, sites }: Pick<Side, "variant" | "sites">, wall: number): Row {
  const cost = { cpu: 0, providers: 0, vendors: 0, peak: 0, providersResident: 0, processes: 0, foreign: 0 };
  return { variant, operation: "", sites, stacks: 0, cost: { wall: Math.round(wall * 100) / 100, ...cost } };
}

/** Kills a process and all below it, and waits until they are gone. */
async function killTree(pid: number): Promise<void> {
  const all = readProcesses();
  const tree = [...all.filter((one) => one.pid === pid), ...descendants(all, pid)];
  for (const one of tree) {
    try {
      process.kill(one.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  const until = Date.now() + GONE_MS;
  const lives = () => tree.some((one) => one.pid !== pid && readProcess(one.pid)?.started === one.started);
  while (lives() && Date.now() < until) await sleep(LOOK_MS);
}
