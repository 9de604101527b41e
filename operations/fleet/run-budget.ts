import { environment } from "../../environment/index.ts";
import { type Budget, type Deadline, deadlineSignal, openBudget, readLedger } from "../../fleet/budget/index.ts";
import { type PlanReport, planWork, stacksOfHosts, type Work } from "../../fleet/budget/strategy/index.ts";
import type { RunOptions } from "../../fleet/run/run.ts";
import type { Session } from "../../fleet/run/session.ts";
import type { FleetEvent } from "../kit/events.ts";
import { type BudgetInput, DEFAULT_CONCURRENCY } from "../kit/fields.ts";
import type { Tools } from "../kit/operation.ts";
import { budgetSettings } from "./budget-settings.ts";

/** What keeps a run to the vendors' limits. */
export interface RunBudget {
  /** For `applyRun`. */
  readonly hooks: Pick<RunOptions, "admit" | "refuse" | "env">;
  /** The run's stacks in the order in which they get their budget. */
  readonly order: readonly string[];
  /** What passed the gateway, by vendor; empty without one. */
  figures(): ReturnType<Budget["figures"]>;
  close(): Promise<void>;
}

/** Options of {@link openRunBudget}. */
export interface RunBudgetOptions extends BudgetInput {
  readonly concurrency?: number;
  readonly signal: AbortSignal;
}

/**
 * Opens the budgets for a run, says how the run will go, and starts the job's clock. Undefined when SITEFLEET_BUDGET is off.
 *
 * @throws SitefleetError `environment.invalid`, `site.unknown`, `budget.ledger`
 */
export async function openRunBudget(
  { estate, emit }: Pick<Tools<FleetEvent>, "estate" | "emit">,
  session: Session,
  work: Work,
  stacks: readonly string[],
  options: RunBudgetOptions,
): Promise<RunBudget | undefined> {
  const settings = budgetSettings(environment().SITEFLEET_BUDGET);
  const { catalog } = session.inputs;
  const urgent = stacksOfHosts(catalog, options.urgent ?? []);
  if (settings.off) return undefined;
  const certificates = settings.certificates && options.certificates !== false;
  const spec = {
    certificates: certificates ? ("enforce" as const) : ("ignore" as const),
    buildSeconds: settings.buildSeconds || undefined,
  };
  const ledger = settings.timeScale === 1 ? await readLedger(session.folders.state, session.store) : undefined;
  const report = planWork(work, {
    ...options,
    buildSeconds: settings.buildSeconds || undefined,
    certificates,
    catalog,
    now: Date.now(),
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    startNow: true,
    ledger,
  });
  tellPlan(report, emit);
  const deadline: Deadline = deadlineSignal(options.jobLimit, options.margin);
  // Providers that are attached keep the addresses they were started with; the context may start others that do not.
  const attached = Boolean(environment().PULUMI_DEBUG_PROVIDERS);
  const budget = await openBudget({
    ...spec,
    catalog,
    stateDir: session.folders.state,
    store: session.store,
    stacks,
    known: work.known,
    urgent,
    deadline,
    signal: options.signal,
    gateway: !attached || estate.providers !== undefined,
    timeScale: settings.timeScale,
    waiting: (stack, key, until) => emit({ event: "budget-waiting", stack, key, until }),
    callsWait: (vendor, key, seconds) => emit({ event: "calls-waiting", vendor, key, seconds }),
  });
  const providers = await estate.providers?.(budget.env);
  return {
    hooks: { admit: budget.admit, refuse: budget.refuse, env: { ...environment(), ...budget.env, ...providers?.env } },
    order: budget.order,
    figures: () => budget.figures(),
    async close() {
      deadline.close();
      await providers?.close();
      await budget.close();
    },
  };
}

/** In a line or two; the whole is operation `plan`. */
function tellPlan({ strategy, plan }: PlanReport, emit: (event: FleetEvent) => void): void {
  if (plan.changes === 0) return;
  const bound = plan.limits.find(({ binds }) => binds !== undefined);
  emit({
    event: "planned",
    strategy: strategy.kind,
    reason: strategy.reason,
    seconds: plan.seconds,
    limit: bound ? { key: bound.key, amount: bound.amount, perSeconds: bound.perSeconds, need: bound.need } : undefined,
  });
}

/** Calls that passed the gateway, by vendor; undefined without one. Pure. */
export const callsOf = (
  figures: ReturnType<Budget["figures"]> | undefined,
): Readonly<Record<string, number>> | undefined =>
  figures && Object.fromEntries(Object.entries(figures).map(([vendor, { calls }]) => [vendor, calls]));
