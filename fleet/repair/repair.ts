import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { nameOfUrn } from "../../provider/framework/urn.ts";
import type { LockHolder } from "../backend/locks/engine-locks.ts";
import { breakDeadLocks, type ForeignKnowledge } from "../backend/locks/engine-locks.ts";
import { mendBackend } from "../backend/states/mend.ts";
import type { FailedCreate } from "../engine/failed-creates.ts";
import type { Repaired, RepairReport } from "../engine/repair-report.ts";
import { StackCli } from "./cli.ts";
import { decide } from "./decide.ts";
import { applyVerdicts, type Decided, settle, withoutSkeletons, withPending } from "./edit.ts";
import { factsOf, holdersOf, lookUntilQuiet } from "./gather.ts";
import { kindOf } from "./kind.ts";
import { setupOf } from "./setup.ts";
import { type Exported, type PendingOperation, pendingOperations } from "./state.ts";

/** How a repair is done. */
export interface RepairOptions {
  /** Configuration file that all stacks share, absolute. */
  readonly configFile: string;
  /** What is known of other machines, when their locks are judged. @default nothing */
  readonly foreign?: ForeignKnowledge;
  /** Tokens, base URLs, backend. @default that of the operation */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * For how long the vendors' answers must stay the same before something counts as never made, ms: a provider process
   * outlives a killed engine by seconds and ends the call it is in.
   * @default 5000
   */
  readonly quietMs?: number;
  /** Pause between two looks, ms. @default 1000 */
  readonly pollMs?: number;
  /** How long a build may take until the repair gives up on it and leaves it pending, ms. @default 900000 */
  readonly buildMs?: number;
}

/** After this time a provider process has ended whatever it was doing, ms: a stack untouched for longer is quiet. */
const SETTLED_MS = 10 * 60_000;
/**
 * Brings a stack that was interrupted to where an ordinary `up` converges: removes the locks of dead engines and resolves
 * every pending operation against the vendors. Can itself be interrupted and run again.
 *
 * @throws SitefleetError `stack.locked`, `repair.vendor`, `repair.engine`, `repair.state`; the pending operations are still
 *   there then
 */
export async function repairStack(stack: string, options: RepairOptions): Promise<RepairReport> {
  const started = Date.now();
  const env = options.env ?? environment();
  const brokenLocks = await breakDeadLocks(stack, env, options.foreign);
  mendBackend(env, stack);
  const state = await new StackCli(stack, options.configFile, env).export();
  const fresh = started - Date.parse(state.deployment.manifest?.time ?? "") < SETTLED_MS;
  return resolve({ stack, state, options, started, brokenLocks, conflicts: new Set(), quiet: fresh });
}

/**
 * Takes over what a failed operation left at the vendors: a create of several calls that failed after the first one has
 * made its object and told the engine nothing. Other failures are left alone and reported as `forgotten`.
 *
 * @param failed from `FailedCreates`
 * @throws as {@link repairStack}
 */
export async function adoptConflicts(
  stack: string,
  failed: readonly FailedCreate[],
  options: RepairOptions,
): Promise<RepairReport> {
  const started = Date.now();
  const env = options.env ?? environment();
  const brokenLocks = await breakDeadLocks(stack, env, options.foreign);
  const exported = await new StackCli(stack, options.configFile, env).export();
  const pending = new Set(pendingOperations(exported).map(({ resource }) => resource.urn));
  // A repeatable create has nothing to take over; it failed for a reason of its own.
  const operations = failed
    .filter((item) => kindOf(item).policy === "look-up" && !pending.has(item.urn))
    .map((item): PendingOperation => ({ type: "creating", resource: { ...item } }));
  const state = withPending(exported, operations);
  const conflicts = new Set(operations.map(({ resource }) => resource.urn));
  // A call whose answer was lost may still be carried out. A name that comes late is a conflict next time; only what has
  // no name would be doubled.
  const quiet = operations.some(({ resource }) => kindOf(resource).live.nameless === true);
  return resolve({ stack, state, options, started, brokenLocks, conflicts, quiet });
}

/** The refusals of reports as one error; undefined when nothing was refused. Pure. */
export function refusalOf(reports: readonly RepairReport[]): SitefleetError | undefined {
  const refused = reports.flatMap(({ stack, resources }) =>
    resources.filter(({ outcome }) => outcome === "refused").map((item) => ({ stack, ...item })),
  );
  if (refused.length === 0) return undefined;
  const hints = [...new Set(refused.flatMap(({ hint }) => hint ?? []))];
  return new SitefleetError({
    code: "repair.refused",
    message: `${refused.length === 1 ? "an object is" : `${refused.length} objects are`} in the way and not ours`,
    subject: refused.length === 1 ? refused[0]?.name : undefined,
    hint: hints.join("; "),
    details: refused.map(({ stack, name, type, reason }) => `${stack}: ${type.split(":").at(-1)} ${name}: ${reason}`),
  });
}

interface Task {
  readonly stack: string;
  readonly state: Exported;
  readonly options: RepairOptions;
  readonly started: number;
  readonly brokenLocks: readonly LockHolder[];
  /** URNs whose create is not pending but failed. */
  readonly conflicts: ReadonlySet<string>;
  /** Whether answers must be waited for until they stay the same. */
  readonly quiet: boolean;
}

async function resolve(task: Task): Promise<RepairReport> {
  const { stack, options, conflicts } = task;
  const env = options.env ?? environment();
  const state = withoutSkeletons(task.state);
  const operations = distinct(pendingOperations(state));
  if (operations.length === 0) return report(task, []);
  const setup = setupOf(state, env);
  const { found, exists } = await lookUntilQuiet(operations, setup, { ...options, quiet: task.quiet });
  const holders = await holdersOf(stack, options, state, [...found.values()].flat());
  const decided = operations.map((operation): Decided => {
    const facts = factsOf(operation, state, found.get(operation), exists.get(operation), holders);
    return { operation, verdict: decide(facts) };
  });
  const lines = decided.map((item) => line(item, conflicts));
  // A conflict was never pending, and becomes so only while it is taken over or cannot be decided.
  const staying = decided.filter(
    ({ operation, verdict }) =>
      !conflicts.has(operation.resource.urn) || verdict.outcome === "adopted" || verdict.outcome === "kept",
  );
  const { state: edited, refresh } = applyVerdicts(state, staying);
  const cli = new StackCli(stack, options.configFile, env);
  if (staying.length > 0) await cli.import(edited);
  if (refresh.length === 0) return report(task, lines);
  const adopted = staying
    .filter(({ verdict }) => verdict.outcome === "adopted")
    .map(({ operation }) => operation.resource.urn);
  const failed = await readBack(cli, refresh, adopted, state);
  return report(
    task,
    lines.map((item) => (failed.has(item.urn) ? unread(item) : item)),
  );
}

/** Lets the providers read what was adopted, and takes out what they could not. Returns the latter's URNs. */
async function readBack(
  cli: StackCli,
  refresh: readonly string[],
  adopted: readonly string[],
  original: Exported,
): Promise<ReadonlySet<string>> {
  let problem: unknown;
  await cli.refresh(refresh).catch((error: unknown) => {
    problem = error;
  });
  const settled = settle(await cli.export(), adopted, original);
  await cli.import(settled.state);
  if (problem !== undefined) throw problem;
  return new Set(settled.failed);
}

/** A stack's pending creates outlive later runs: of several for one resource, the last says what is declared. */
function distinct(operations: readonly PendingOperation[]): readonly PendingOperation[] {
  const last = new Map(
    operations.map((operation) => [
      `${operation.type} ${operation.resource.urn} ${operation.resource.id ?? ""}`,
      operation,
    ]),
  );
  return [...last.values()];
}

function line({ operation, verdict }: Decided, conflicts: ReadonlySet<string>): Repaired {
  const { urn, type } = operation.resource;
  const { outcome, reason, id, hint } = verdict;
  return {
    urn,
    type,
    name: nameOfUrn(urn),
    operation: conflicts.has(urn) ? "conflict" : operation.type,
    outcome,
    reason,
    id: id === undefined || id === "" ? undefined : id,
    hint,
  };
}

const unread = (item: Repaired): Repaired => ({
  ...item,
  outcome: "kept",
  reason: "it is ours, but its provider could not read it",
  hint: "run the repair again",
});

function report({ stack, started, brokenLocks }: Task, resources: readonly Repaired[]): RepairReport {
  const ok = resources.every(({ outcome }) => outcome !== "refused" && outcome !== "kept");
  return { stack, ok, resources, brokenLocks, milliseconds: Date.now() - started };
}
