import { readdirSync, readFileSync } from "node:fs";

/** One process as /proc shows it. */
export interface ProcessFigures {
  readonly pid: number;
  readonly parent: number;
  /** Clock tick since boot at which it started: a pid is used again, a pid with its start is not. */
  readonly started: string;
  /** CPU seconds of its own, user and system. */
  readonly own: number;
  /** CPU seconds of its descendants that have ended and were waited for. */
  readonly children: number;
  /** Resident memory, bytes. */
  readonly resident: number;
  /** Name of the program, cut by the kernel to 15 characters. */
  readonly name: string;
}

/** Ticks a second of the times in /proc/PID/stat; USER_HZ is 100 on every Linux that Node runs on. */
const TICKS = 100;
const PAGE = 4096;

/** Reads the text of /proc/PID/stat (proc(5)). The name may itself hold blanks and parentheses. Pure. */
export function parseStat(text: string): ProcessFigures {
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  const number = (field: number) => Number(fields[field - 3]);
  return {
    pid: Number.parseInt(text, 10),
    parent: number(4),
    started: fields[22 - 3] ?? "",
    own: (number(14) + number(15)) / TICKS,
    children: (number(16) + number(17)) / TICKS,
    resident: number(24) * PAGE,
    name: text.slice(text.indexOf("(") + 1, close),
  };
}

/** One process; undefined when it is gone. */
export function readProcess(pid: number | "self"): ProcessFigures | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** All processes. */
export function readProcesses(): ProcessFigures[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** CPU seconds that the whole machine has spent since boot, idle and waiting for disks left out. */
export function machineCpu(): number {
  const [, ...fields] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").trim().split(/\s+/).map(Number);
  // user nice system idle iowait irq softirq; steal is another virtual machine's time, guest times are within user's.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = fields;
  return (user + nice + system + irq + softirq) / TICKS;
}
