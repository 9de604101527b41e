import { readdirSync, readFileSync } from "node:fs";

/** How often memory is looked at, ms. */
const SAMPLE_MS = 1_000;

/** Watches how much memory a process and all its descendants use, others named by pid included. Linux only. */
export class MemoryWatch {
  #peak = 0;
  readonly #roots: readonly number[];
  readonly #timer: NodeJS.Timeout;

  constructor(others: readonly number[] = []) {
    this.#roots = [process.pid, ...others];
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    this.#timer.unref();
    this.#sample();
  }

  /** Ends the watch; the highest sum of resident memory that was seen, in bytes (shared pages count in every process). */
  stop(): number {
    clearInterval(this.#timer);
    this.#sample();
    return this.#peak;
  }

  #sample(): void {
    const processes = listProcesses();
    const wanted = new Set(this.#roots);
    // Parents have lower numbers than their children but for a wrap of the counter; two passes catch that.
    for (let pass = 0; pass < 2; pass++)
      for (const { pid, parent } of processes) if (wanted.has(parent)) wanted.add(pid);
    const sum = processes.reduce((total, { pid, bytes }) => total + (wanted.has(pid) ? bytes : 0), 0);
    this.#peak = Math.max(this.#peak, sum);
  }
}

function listProcesses(): { pid: number; parent: number; bytes: number }[] {
  let names: string[] = [];
  try {
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {}
  return names
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        // Fields 4 (parent) and 24 (resident pages of 4 KiB) of proc(5), counted after the command's name.
        return [{ pid: Number(name), parent: Number(fields[1]), bytes: Number(fields[21]) * 4096 }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => a.pid - b.pid);
}
