import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What is known of a process number on this machine. */
export interface ProcessLife {
  readonly alive: boolean;
  /** Ms since 1970, to the second; undefined when the system does not tell. */
  readonly startedAt?: number;
  /** Whether it is the engine's command line; undefined when the system does not tell. */
  readonly isPulumi?: boolean;
}

/** Ticks a second in /proc/<pid>/stat; fixed at 100 on Linux for what user space sees. */
const TICKS = 100;

/** Looks a process up. One that has ended and was not waited for counts as gone. */
export function lifeOf(pid: number): ProcessLife {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return { alive: false };
  }
  try {
    const life = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"), readFileSync("/proc/stat", "utf8"));
    return life;
  } catch {
    return fromPs(pid);
  }
}

/** Reads /proc/<pid>/stat and /proc/stat. Pure. */
export function parseStat(stat: string, system: string): ProcessLife {
  const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
  // After the name: state is the 1st field, the start in ticks since boot the 20th (proc_pid_stat(5): 3rd and 22nd).
  const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (rest[0] === "Z" || rest[0] === "X") return { alive: false };
  const boot = Number(/^btime (\d+)$/m.exec(system)?.[1]);
  const startedAt = (boot + Number(rest[19]) / TICKS) * 1000;
  return {
    alive: true,
    isPulumi: name.startsWith("pulumi"),
    startedAt: Number.isFinite(startedAt) ? startedAt : undefined,
  };
}

function fromPs(pid: number): ProcessLife {
  try {
    const line = execFileSync("ps", ["-o", "stat=,comm=", "-p", String(pid)], {
      encoding: "utf8",
      timeout: 5_000,
    }).trim();
    if (line === "" || line.startsWith("Z")) return { alive: false };
    return { alive: true, isPulumi: line.includes("pulumi") };
  } catch {
    return { alive: true };
  }
}
