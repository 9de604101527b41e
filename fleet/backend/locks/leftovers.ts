import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bootId, ticksOf } from "./holder.ts";

/** Names the process that started another one, in that one's environment: boot, number and start, so that no other is meant. */
const MARK = "SITEFLEET_STARTED_BY";
/** Between the request to end and the end by force, ms: a call to a vendor is in flight at most. */
const GRACE_MS = 5_000;
const POLL_MS = 50;

/** A process that outlived the run that started it. */
export interface Leftover {
  readonly pid: number;
  /** Start in clock ticks: with the number it means this process and no other. */
  readonly ticks: string;
  /** Program, for people. */
  readonly program: string;
  /** The process of the run. */
  readonly startedBy: number;
}

/** To be put into the environment of what a run starts: runners, and so engines and their provider plugins. Linux only. */
export function startedByMe(): Readonly<Record<string, string>> {
  const [boot, ticks] = [bootId(), ticksOf(process.pid)];
  return boot === undefined || ticks === undefined ? {} : { [MARK]: `${boot}:${process.pid}:${ticks}` };
}

/**
 * Ends provider processes and engines of runs on this machine that were killed. Otherwise they would
 * stay, and call the vendors beside a later run. Known by the mark in their own environment and a dead owner, never by a name alone; what
 * a runner or an engine of that run still uses is left to it. An engine is only asked: it ends what is in flight, writes its
 * state and gives its lock back. A run that needs the stack waits for that.
 *
 * @returns those that were ended or asked to
 */
export async function endLeftovers(): Promise<Leftover[]> {
  const found = leftovers();
  for (const one of found) signal(one, one.program === "pulumi" ? "SIGINT" : "SIGTERM");
  const providers = found.filter(({ program }) => program !== "pulumi");
  const until = Date.now() + GRACE_MS;
  while (providers.some(isThere) && Date.now() < until) await sleep(POLL_MS);
  for (const one of providers.filter(isThere)) signal(one, "SIGKILL");
  return found;
}

/** See {@link endLeftovers}. */
export function leftovers(): Leftover[] {
  const boot = bootId();
  if (boot === undefined) return [];
  const marked = pids().flatMap((pid) => {
    const owner = ownerOf(pid, boot);
    const ticks = ticksOf(pid);
    return owner === undefined || ticks === undefined ? [] : [{ pid, ticks, owner, parent: parentOf(pid) }];
  });
  const known = new Set(marked.map(({ pid }) => pid));
  return marked.flatMap(({ pid, ticks, owner, parent }) => {
    const program = programOf(pid);
    const used = parent !== undefined && known.has(parent);
    const dead = ticksOf(owner.pid) !== owner.ticks;
    return dead && !used && program !== undefined ? [{ pid, ticks, program, startedBy: owner.pid }] : [];
  });
}

/** In one line, for people. Pure. */
export function describeLeftovers(ended: readonly Leftover[]): string {
  const programs = ended.map(({ program, pid }) => `${program} (${pid})`);
  const owners = [...new Set(ended.map(({ startedBy }) => startedBy))].join(", ");
  return `ended what a killed run (process ${owners}) had left running: ${programs.join(", ")}`;
}

function pids(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Who started a process, as its environment says; undefined without a mark of this boot, and for other users' processes. */
function ownerOf(pid: number, boot: string): { readonly pid: number; readonly ticks: string } | undefined {
  const line = read(`/proc/${pid}/environ`)
    ?.split("\0")
    .find((one) => one.startsWith(`${MARK}=`));
  const [theirs, owner, ticks] = line?.slice(MARK.length + 1).split(":") ?? [];
  return theirs === boot && owner && ticks ? { pid: Number(owner), ticks } : undefined;
}

/** A provider plugin, ours or a stand-in, or an engine; undefined for all else, e.g. a deployment under way over SSH. */
function programOf(pid: number): string | undefined {
  const [first = "", ...rest] = read(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
  const name = basename(first);
  if (name === "pulumi" || /^pulumi-(resource|language)-/.test(name)) return name;
  const script = rest.find((one) => !one.startsWith("-")) ?? "";
  return /\/?(provider\/(shared-)?main\.ts|sandbox\/providers\/host\.ts|pulumi-resource-[\w-]+)(\.js)?$/.test(script)
    ? basename(script)
    : undefined;
}

function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

const isThere = ({ pid, ticks }: Leftover) => ticksOf(pid) === ticks && !isZombie(pid);
const isZombie = (pid: number) => /\) [ZX] /.test(read(`/proc/${pid}/stat`) ?? "");

function signal(one: Leftover, name: NodeJS.Signals): void {
  try {
    if (isThere(one)) process.kill(one.pid, name);
  } catch {
    // It has just ended.
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
