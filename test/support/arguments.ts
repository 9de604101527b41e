import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds between two looks: a database client lives for about ten. */
const PAUSE_MS = 15;
/** Looks at a process before it is taken to stay what it is; a program is replaced by another soon after it starts or never. */
const LOOKS = 8;

/** What {@link watchArguments} gives. */
export interface ArgumentWatch {
  /** Ends the watch. @returns every command line that was seen, arguments separated by blanks */
  stop(): string[];
}

/** Notes the arguments of every process on this machine that is started from now on, as any other user could. Linux only. */
export function watchArguments(): ArgumentWatch {
  const lines = new Set<string>();
  const looks = new Map<string, number>();
  const look = (): void => {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    for (const pid of pids) {
      const seen = looks.get(pid) ?? 0;
      if (seen >= LOOKS) continue;
      looks.set(pid, seen + 1);
      try {
        lines.add(readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim());
      } catch {
        // Gone already.
      }
    }
    // A number may be given to another process.
    const there = new Set(pids);
    for (const pid of looks.keys()) if (!there.has(pid)) looks.delete(pid);
  };
  const timer = setInterval(look, PAUSE_MS);
  return {
    stop() {
      clearInterval(timer);
      return [...lines];
    },
  };
}
