import { LOG_LINE, logsScript } from "../commands/logs.ts";
import { SAY } from "../commands/script.ts";
import type { Target } from "../input.ts";
import { startRun } from "../transaction/context.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** Of each file, bytes that are read: the end. Time for all files of a service, ms. */
const MOST_BYTES = 1024 * 1024;
const MOST_MS = 60_000;

/** The end of a log file on a host. */
export interface LogEnd {
  /** As it was asked for. */
  readonly path: string;
  /** Undefined: it is not there, or may not be read. */
  readonly lines: readonly string[] | undefined;
}

/** Reads the end of log files, at most a megabyte of each. Takes no lock and changes nothing. @param pathsOf by a service's key */
export function logs(
  targets: readonly Target[],
  pathsOf: Readonly<Record<string, readonly string[]>>,
  options: ManyOptions = {},
): Promise<Outcome<readonly LogEnd[]>[]> {
  return forServices(
    targets,
    async (target, session) => {
      const paths = pathsOf[target.service.key] ?? [];
      const { layout } = startRun(target, options);
      const maxStdout = (MOST_BYTES * 2 + 4096) * (paths.length + 1);
      const said = await session.run("reading logs", logsScript(layout, paths, MOST_BYTES), {
        timeoutMs: MOST_MS,
        maxStdout,
      });
      return endsOf(paths, said);
    },
    options,
  );
}

/** Divides what the script has sent. Pure. */
export function endsOf(paths: readonly string[], said: readonly string[]): LogEnd[] {
  const found = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of said) {
    const begun = line.startsWith(`${SAY}log `) ? paths[Number(line.slice(SAY.length + 4))] : undefined;
    if (begun !== undefined) {
      lines = [];
      found.set(begun, lines);
    } else if (line.startsWith(LOG_LINE)) lines?.push(line.slice(LOG_LINE.length));
  }
  return paths.map((path) => ({ path, lines: found.get(path) }));
}
