import { environment } from "../../environment/index.ts";
import { describeError, SitefleetError } from "../../errors/index.ts";
import { aboutOf, driftScanFile, match, scanVendors, wantedOf } from "../../fleet/adopt/index.ts";
import { readAllStates } from "../../fleet/backend/states/read-all.ts";
import { stepsFromNothing } from "../../fleet/budget/index.ts";
import { classify, type Drifted } from "../../fleet/drift/index.ts";
import { ReadApi } from "../../fleet/repair/index.ts";
import type { Session } from "../../fleet/run/session.ts";
import type { StackState } from "../../stacks/desired.ts";
import type { Happened } from "../../vendors/history.ts";
import { VENDORS } from "../../vendors/index.ts";
import type { Seen } from "../../vendors/inventory.ts";
import { contextOf, statesOf } from "../adopt/estate.ts";
import type { AdoptEvent } from "../adopt/events.ts";
import type { FleetRun } from "../fleet/fleet-run.ts";
import { previewOver, sessionFor } from "../fleet/over.ts";
import { callsOf, openRunBudget, type RunBudget } from "../fleet/run-budget.ts";
import type { FleetInput } from "../kit/fields.ts";
import type { Tools } from "../kit/operation.ts";

/** What {@link driftRun} does beyond comparing. */
export interface DriftOptions extends FleetInput {
  /** Ask vendors who has done what. */
  readonly who: boolean;
  /** Look for objects that nothing declares. */
  readonly unknown: boolean;
  /** How far back to ask who has done what, days. */
  readonly days: number;
}

/** What differs. */
export interface DriftRun {
  readonly run: FleetRun;
  readonly session: Session;
  readonly drifted: readonly Drifted[];
  /** What could not be found out, and why. */
  readonly notes: readonly string[];
  /** Calls by vendor; undefined where they did not go through the gateway. */
  readonly calls: Readonly<Record<string, number>> | undefined;
  readonly seconds: number;
}

/** Compares what is declared with what is live, within the vendors' limits. Changes nothing. */
export async function driftRun(tools: Tools<AdoptEvent>, options: DriftOptions): Promise<DriftRun> {
  const started = Date.now();
  const { estate, signal } = tools;
  const session = await sessionFor(estate, { ...options, refresh: true });
  const states = await statesOf(session);
  const known = new Map(
    session.open.map((stack) => {
      const state = states.get(stack);
      const steps = state === undefined ? [] : stepsFromNothing(state);
      return [stack, { steps: steps.map((step) => ({ ...step, op: "refresh" })) }] as const;
    }),
  );
  const work = { stacks: session.open, known, hosts: [], live: 0, notes: [] };
  const budget = await openRunBudget(tools, session, work, session.open, { ...options, signal });
  const notes: string[] = [];
  try {
    const run = await previewOver(tools, { ...options, refresh: true }, session, { budget: budget?.hooks });
    const unknown = options.unknown && !signal.aborted ? await unknownIn(session, states, tools, budget, notes) : [];
    const happened = options.who && !signal.aborted ? await historyOf(session, options.days, budget, notes) : new Map();
    const calls = callsOf(budget?.figures());
    const drifted = classify(run.results, unknown, happened);
    return { run, session, drifted, notes, calls, seconds: (Date.now() - started) / 1000 };
  } finally {
    await budget?.close();
  }
}

/** Objects that neither a declaration nor a state knows. Only of the estate as a whole it can be said which those are. */
async function unknownIn(
  session: Session,
  states: ReadonlyMap<string, StackState>,
  { emit, signal }: Tools<AdoptEvent>,
  budget: RunBudget | undefined,
  notes: string[],
): Promise<readonly Seen[]> {
  const context = await contextOf(session);
  try {
    const inventory = await scanVendors({
      ...context,
      env: { ...context.env, ...budget?.hooks.env },
      file: driftScanFile(session.folders.state),
      again: true,
      variables: false,
      connect: (options) => new ReadApi(options),
      progress: (read, left) => emit({ event: "pages", read, left }),
      signal,
    });
    if (inventory.about !== aboutOf(context)) return [];
    const { resources } = await readAllStates(environment());
    const zones = new Set(session.inputs.catalog.zones.map(({ name }) => name));
    const { foreign, unsupported } = match(wantedOf(states), inventory.seen, { states: resources as never, zones });
    return [...foreign, ...unsupported];
  } catch (error) {
    if (!(error instanceof SitefleetError)) throw error;
    notes.push(`objects that nothing declares were not looked for: ${describeError(error)}`);
    return [];
  }
}

/** What vendors say was done, by vendor. One that does not tell is noted. */
async function historyOf(
  session: Session,
  days: number,
  budget: RunBudget | undefined,
  notes: string[],
): Promise<Map<string, readonly Happened[]>> {
  const context = await contextOf(session);
  const env = { ...context.env, ...budget?.hooks.env };
  const since = new Date(Date.now() - days * 86_400_000);
  const found = new Map<string, readonly Happened[]>();
  for (const { name, title, history } of VENDORS) {
    if (history === undefined) continue;
    try {
      found.set(name, await history.read(new ReadApi(history.api({ ...context, env })), since));
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      notes.push(`${title} does not say who has done what (${history.source}): ${describeError(error)}`);
    }
  }
  return found;
}
