import { availableParallelism } from "node:os";
import { type Catalog, loadCatalog } from "../catalog/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { listStacks } from "../fleet/engine/list-stacks.ts";
import { type RunOptions, type RunResult, runFleet } from "../fleet/run.ts";
import { stackKind, stackNames } from "../stacks/names.ts";
import type { Context } from "./context.ts";
import { Progress } from "./output/progress.ts";
import { say } from "./output/style.ts";

/** Stacks at once when nothing else is said: the engine of one stack waits often enough for half another. */
export const DEFAULT_CONCURRENCY = Math.max(2, Math.ceil(availableParallelism() * 1.5));

/** Options of the commands that run over stacks. */
export interface FleetOptions {
  readonly stack?: readonly string[];
  readonly concurrency?: number;
  readonly parallel?: number;
  readonly refresh?: boolean;
}

/** Reads a whole number from the command line. @throws SitefleetError `usage` */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new SitefleetError({ code: "usage", message: `${option} takes a whole number from 1 on, not ${text}` });
  };
}

/** The stacks of a run, and which of them the catalog has emptied. */
export interface Choice {
  readonly stacks: readonly string[];
  /** A cell that lost its last site: it is opened once more to delete its resources, then removed. */
  readonly retired: ReadonlySet<string>;
}

/**
 * All stacks of the catalog and those that it has emptied, or only the ones that were named. Pure.
 *
 * @throws SitefleetError `stack.unknown`
 */
export function chooseStacks(catalog: Catalog, existing: ReadonlySet<string>, named: readonly string[] = []): Choice {
  const wanted = stackNames(catalog);
  const emptied = [...existing].filter((name) => stackKind(name) !== undefined && !wanted.includes(name)).sort();
  const all = [...wanted, ...emptied];
  for (const name of named) {
    if (all.includes(name)) continue;
    throw new SitefleetError({
      code: "stack.unknown",
      message: `${name} is not a stack that this catalog needs`,
      hint: "sitefleet cells lists the cells; prod and prod-plesk are the other two",
    });
  }
  const stacks = named.length === 0 ? all : all.filter((name) => named.includes(name));
  return { stacks, retired: new Set(emptied) };
}

/** Runs one operation over the chosen stacks with a progress display; Ctrl-C and SIGTERM stop it in order. */
export async function runOver(
  context: Context,
  operation: RunOptions["operation"],
  options: FleetOptions,
): Promise<RunResult> {
  const catalog = loadCatalog(context.catalogDir);
  const infos = await listStacks();
  const known = new Set(infos.keys());
  const { stacks, retired } = chooseStacks(catalog, known, options.stack);
  const progress = new Progress(stacks.length);
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted) return;
    say(`\n${signal}: stopping after the operations in flight; nothing new is started`);
    abort.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    return await runFleet({
      operation,
      stacks,
      existing: known,
      retired,
      catalogDir: context.catalogDir,
      configFile: context.configFile,
      concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
      ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
      ...(options.refresh ? { refresh: true } : {}),
      observer: progress,
      signal: abort.signal,
    });
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    progress.done();
    if (abort.signal.aborted) process.exitCode = 130;
  }
}
