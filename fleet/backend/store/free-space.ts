import { statfsSync } from "node:fs";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { fileBackend } from "./file-backend.ts";

/**
 * Free space below which a run on a state directory does not start, and above which it stops, bytes. A full disk cuts the
 * engine's state files off; what is in flight must still be written. A few hundred times the state of a large cell.
 */
export const LEAST_FREE_BYTES = 64 * 2 ** 20;
/** How often a run looks, ms: a state of some hundred kilobytes is written for every step. */
const LOOK_MS = 1_000;

/** Free bytes of the state's directory; undefined for other backends. */
export function freeBytes(env: NodeJS.ProcessEnv = environment()): number | undefined {
  const dir = fileBackend(env);
  if (dir === undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Watches the disk of the state while a run goes on. */
export interface SpaceWatch {
  /** Aborted with `disk.full` when space runs out. */
  readonly signal: AbortSignal;
  close(): void;
}

/**
 * Refuses to begin on a disk that is nearly full, and says when it becomes so: the engines then end in order and the run can
 * be continued.
 *
 * @param least bytes that must be free. @default SITEFLEET_LEAST_FREE_MIB, else {@link LEAST_FREE_BYTES}
 * @throws SitefleetError `disk.full`
 */
export function watchSpace(env: NodeJS.ProcessEnv = environment(), least = leastOf(env)): SpaceWatch {
  const abort = new AbortController();
  const look = () => {
    const free = freeBytes(env);
    return free !== undefined && free < least ? tooLittle(free, least) : undefined;
  };
  const now = look();
  if (now !== undefined) throw now;
  const timer = setInterval(() => {
    const problem = look();
    if (problem !== undefined) abort.abort(problem);
  }, LOOK_MS).unref();
  return { signal: abort.signal, close: () => clearInterval(timer) };
}

function leastOf({ SITEFLEET_LEAST_FREE_MIB: text }: NodeJS.ProcessEnv): number {
  if (text === undefined || text === "") return LEAST_FREE_BYTES;
  const mebibytes = Number(text);
  if (mebibytes >= 0) return mebibytes * 2 ** 20;
  throw new SitefleetError({
    code: "environment.invalid",
    subject: "SITEFLEET_LEAST_FREE_MIB",
    message: `takes a number of mebibytes, not ${text}`,
  });
}

function tooLittle(free: number, least: number): SitefleetError {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return new SitefleetError({
    code: "disk.full",
    message: `the disk of the state has ${mebibytes(free)} left, less than ${mebibytes(least)}`,
    hint: "make room, then go on with sitefleet up --resume; SITEFLEET_LEAST_FREE_MIB sets the limit",
  });
}
