import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { readBackendUrl } from "./backend-url.ts";
import { fileBackend } from "./file-backend.ts";
import { stateDir } from "./state-dir.ts";

/**
 * Free space below which a run on a state directory does not start, and above which it stops, bytes. A full disk cuts the
 * engine's state files off; what is in flight must still be written. A few hundred times the state of a large cell.
 */
export const LEAST_FREE_BYTES = 64 * 2 ** 20;
/** How often a run looks, ms: a state of some hundred kilobytes is written for every step. */
const LOOK_MS = 1_000;

/**
 * Free bytes where states are written on this machine: the backend's directory; of a bucket or table where its stacks are worked on as
 * copies (`backend/copy`). Undefined for other backends.
 */
export function freeBytes(env: NodeJS.ProcessEnv = environment()): number | undefined {
  const { kind } = readBackendUrl(env.PULUMI_BACKEND_URL ?? "");
  const copies = kind === "s3" || kind === "postgres" ? stateDir(env) : undefined;
  const dir = fileBackend(env) ?? copies;
  if (dir === undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync(copies === undefined ? dir : whatIsThere(dir));
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** The directory, or where it would be made. */
const whatIsThere = (dir: string): string =>
  existsSync(dir) || dirname(dir) === dir ? dir : whatIsThere(dirname(dir));

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
