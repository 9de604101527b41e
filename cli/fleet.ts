import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { stackOfCell } from "../catalog/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { type AppliedRun, applyRun } from "../fleet/apply.ts";
import { type ChangeSet, readChangeSet } from "../fleet/change-set/index.ts";
import { listRuns, readRun } from "../fleet/journal/journal.ts";
import { describeHolder } from "../fleet/lock/locks.ts";
import { type RunResult, runFleet } from "../fleet/run.ts";
import { openSession, type Session } from "../fleet/session.ts";
import type { Context } from "./context.ts";
import type { FleetRun } from "./fleet-run.ts";
import { Progress } from "./output/progress.ts";
import { sayRepair } from "./output/repair.ts";
import { say } from "./output/style.ts";
import { confirmReviewed } from "./review.ts";

/** Stacks at once when nothing else is said: the engine of one stack waits often enough for half another. */
export const DEFAULT_CONCURRENCY = Math.max(2, Math.ceil(availableParallelism() * 1.5));

/** Options of the commands that run over stacks. */
export interface FleetOptions {
  readonly stack?: readonly string[];
  readonly cell?: readonly string[];
  readonly concurrency?: number;
  readonly parallel?: number;
  readonly refresh?: boolean;
  readonly all?: boolean;
}

/** Reads a whole number from the command line. @throws SitefleetError `usage` */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new SitefleetError({ code: "usage", message: `${option} takes a whole number from 1 on, not ${text}` });
  };
}

/** Opens a session as the options say. */
export function sessionFor(context: Context, options: FleetOptions): Promise<Session> {
  const named = [
    ...(options.stack ?? []),
    ...(options.cell ?? []).map((cell) => (cell.startsWith("prod") ? cell : stackOfCell(cell))),
  ];
  return openSession({
    catalogDir: context.catalogDir,
    configFile: context.configFile,
    named,
    all: options.all ?? false,
    refresh: options.refresh ?? false,
  });
}

/** Previews the stacks that differ from what is declared; writes the engine's plans where `plans` says. */
export async function previewOver(
  context: Context,
  options: FleetOptions,
  session?: Session,
  plans?: ReadonlyMap<string, string>,
): Promise<FleetRun> {
  const opened = session ?? (await sessionFor(context, options));
  const run = await watched(opened.open.length, (observer, signal) =>
    runFleet({
      operation: "preview",
      stacks: opened.open,
      existing: new Set(opened.infos.keys()),
      retired: opened.choice.retired,
      ...(plans ? { plans } : {}),
      catalogDir: context.catalogDir,
      configFile: context.configFile,
      ...tuning(options),
      observer,
      signal,
    }),
  );
  return withUnopened(opened, run);
}

/** What `up` takes beyond the other options. */
export interface UpOptions extends FleetOptions {
  /** Seconds to wait for another run's locks. @default 120 */
  readonly lockTimeout?: number;
  /** A run's id, or true for the last one that did not end well: only what it left is done. */
  readonly resume?: string | true;
  /** File of a reviewed change set: nothing else is done. */
  readonly changeSet?: string;
}

/** Seconds to wait for another run's locks when nothing else is said. */
export const DEFAULT_LOCK_TIMEOUT = 120;

/** Updates the stacks that differ from what is declared, or what an earlier run has left. */
export async function updateOver(context: Context, options: UpOptions): Promise<FleetRun & AppliedRun> {
  const session = await sessionFor(context, options);
  const reviewed = options.changeSet === undefined ? undefined : readChangeSet(options.changeSet);
  const resumed = options.resume === undefined ? undefined : findRun(session.folders.runs, options.resume);
  const left =
    resumed && session.choice.stacks.filter((stack) => resumed.stacks.includes(stack) && !resumed.done.includes(stack));
  if (resumed)
    say(`going on with run ${resumed.run}: ${left?.length ?? 0} of ${resumed.stacks.length} stacks are left`);
  const stacks = left ?? session.open;
  const planDir = reviewed && mkdtempSync(join(tmpdir(), "sitefleet-plans-"));
  const confirm = (open: readonly string[]) =>
    confirmReviewed(
      (plans) => previewOver(context, options, { ...session, open }, plans),
      { ...session, open },
      reviewed as ChangeSet,
      planDir as string,
    );
  const run = await watched(stacks.length, (observer, signal) =>
    applyRun(session, {
      stacks,
      ...tuning(options),
      lockWaitMs: (options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT) * 1000,
      onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
      onRepair: sayRepair,
      observer,
      signal,
      ...(resumed ? { resumes: resumed.run } : {}),
      ...(reviewed ? { confirm } : {}),
    }),
  ).finally(() => planDir && rmSync(planDir, { recursive: true, force: true }));
  return { ...withUnopened({ ...session, open: stacks }, run), run: run.run };
}

/** The run that `--resume` is about. @throws SitefleetError `run.unknown` */
function findRun(dir: string, resume: string | true) {
  if (resume !== true) return readRun(dir, resume);
  const found = listRuns(dir)[0];
  if (found) return found;
  throw new SitefleetError({
    code: "run.unknown",
    message: "there is no earlier run to go on with",
    hint: "run sitefleet up",
  });
}

function withUnopened(session: Pick<Session, "choice" | "open" | "surveyed">, run: RunResult): FleetRun {
  const opened = new Set(session.open);
  const reasons = session.surveyed.flatMap(({ stack, reason }) =>
    reason === undefined ? [] : [[stack, reason] as const],
  );
  return {
    ...run,
    unopened: session.choice.stacks.filter((stack) => !opened.has(stack)),
    reasons: Object.fromEntries(reasons),
  };
}

function tuning(options: FleetOptions) {
  return {
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
    ...(options.refresh ? { refresh: true } : {}),
  };
}

/** Shows progress; Ctrl-C and SIGTERM stop the run in order. */
async function watched<Result>(
  total: number,
  run: (observer: Progress, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const progress = new Progress(total);
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted) return;
    say(`\n${signal}: stopping after the operations in flight; nothing new is started`);
    abort.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    return await run(progress, abort.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    progress.done();
    if (abort.signal.aborted) process.exitCode = 130;
  }
}
