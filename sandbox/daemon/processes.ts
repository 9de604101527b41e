import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A process told apart from every other one that ever had its number: a pid is reused, a pid together with the
 * clock tick it started at within one boot is not.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: start time in clock ticks since boot. */
  readonly startTicks: string;
  /** Tells boots apart; ticks start again with each. */
  readonly bootId: string;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly startTicks: string;
}

function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, startTicks] = [fields[0], fields[1], fields[19]];
  return state && parent && startTicks ? { state, parent: Number(parent), startTicks } : undefined;
}

let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return boot;
}

/** The identity of the live process `pid`, or undefined when there is none. A zombie counts as gone. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  // Under a container's init that does not reap, ended daemons stay as zombies; they hold nothing any more.
  if (stat === undefined || stat.state === "Z" || stat.state === "X") return undefined;
  return { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** Whether exactly that process (not another with its number) is alive. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Sends a signal to exactly that process; false when it was gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false;
  }
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Live processes that were started by `pid`, directly or not, and whose chain of parents is unbroken. */
export function descendants(pid: number): ProcessIdentity[] {
  const children = new Map<number, number[]>();
  for (const candidate of allPids()) {
    const stat = readStat(candidate);
    if (stat === undefined) continue;
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), candidate]);
  }
  const found: ProcessIdentity[] = [];
  const queue = [...(children.get(pid) ?? [])];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const identity = identify(next);
    if (identity !== undefined) found.push(identity);
    queue.push(...(children.get(next) ?? []));
  }
  return found;
}

/**
 * Live processes whose environment holds exactly `NAME=value`. Finds what an SSH session left in the background
 * after its parents were gone, which no chain of parents leads to.
 */
export function processesWithEnvironment(name: string, value: string): ProcessIdentity[] {
  const wanted = `${name}=${value}`;
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(wanted)) return [];
    } catch {
      return []; // another user's process, or gone meanwhile
    }
    return identify(pid) ?? [];
  });
}

/**
 * Ends the processes: `first`, then SIGKILL for what is still there after `graceMs`.
 *
 * @param graceMs milliseconds between the two, @default 5000 (a snapshot of a full fleet takes well under one second)
 * @param first @default SIGTERM
 * @returns those that survived even that (uninterruptible, or another user's)
 */
export async function terminate(
  identities: readonly ProcessIdentity[],
  graceMs = 5000,
  first: NodeJS.Signals = "SIGTERM",
): Promise<ProcessIdentity[]> {
  let left = identities.filter((identity) => signal(identity, first));
  left = await untilGone(left, graceMs);
  for (const identity of left) signal(identity, "SIGKILL");
  return untilGone(left, 2000);
}

async function untilGone(identities: ProcessIdentity[], ms: number): Promise<ProcessIdentity[]> {
  const deadline = Date.now() + ms;
  let left = identities.filter(isAlive);
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(20);
    left = left.filter(isAlive);
  }
  return left;
}

/**
 * Live processes whose output or error output is the file. Finds what a daemon of ours left behind, even after it
 * renamed itself over its environment, as sshd's sessions do.
 */
export function processesWritingTo(path: string): ProcessIdentity[] {
  return allPids().flatMap((pid) => {
    if (pid === process.pid) return [];
    const writes = [1, 2].some((descriptor) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`) === path;
      } catch {
        return false;
      }
    });
    return writes ? (identify(pid) ?? []) : [];
  });
}
