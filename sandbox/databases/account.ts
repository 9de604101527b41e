import { statfsSync } from "node:fs";
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

/** Bytes that both servers' new data directories and their work take, with room to spare: 26 and 28 MB measured. */
const ROOM = 150e6;

/** Linux's memory-backed files, where hundreds of synced writes cost nothing; undefined where there are none, or too little of it. */
export function sharedMemory(): string | undefined {
  try {
    const { bavail, bsize, type } = statfsSync("/dev/shm");
    const tmpfs = 0x01021994;
    return type === tmpfs && bavail * bsize > ROOM ? "/dev/shm" : undefined;
  } catch {
    return undefined;
  }
}
