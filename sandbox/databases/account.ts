import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

/** Prefix of a command that runs PostgreSQL's programs as somebody other than root, who may not run them. */
export interface ServerAccount {
  readonly prefix: readonly string[];
  /** Owner of the data directory as `user:group`; undefined where nothing has to be given away. */
  readonly owner?: string;
}

/**
 * Who PostgreSQL runs as: whoever started the sandbox, or Debian's `postgres` for root. That one keeps the right to pass
 * directories that are not open to it (CAP_DAC_OVERRIDE), since a sandbox lies in a private one.
 */
export function postgresqlAccount(): ServerAccount {
  if (userInfo().uid !== 0) return { prefix: [] };
  const capability = "+dac_override";
  return {
    prefix: [
      "/usr/bin/setpriv",
      "--reuid=postgres",
      "--regid=postgres",
      "--clear-groups",
      `--inh-caps=${capability}`,
      `--ambient-caps=${capability}`,
    ],
    owner: "postgres:postgres",
  };
}

/** The locale that every Debian has; another one would change how text sorts from machine to machine. */
export const LOCALE = "C.UTF-8";

/** Whether this process runs on a kernel that has memory-backed files at /dev/shm, where initialising costs no disk. */
export function sharedMemory(): string | undefined {
  try {
    return readFileSync("/proc/mounts", "utf8").includes(" /dev/shm tmpfs rw") ? "/dev/shm" : undefined;
  } catch {
    return undefined;
  }
}
