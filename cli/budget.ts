import { availableParallelism } from "node:os";
import { SitefleetError } from "../errors/index.ts";
import { type Budget, type Deadline, deadlineSignal, openBudget, readLedger } from "../fleet/budget/index.ts";
import { type PlanReport, planWork, stacksOfHosts, type Work } from "../fleet/budget/strategy/index.ts";
import type { RunOptions } from "../fleet/run/run.ts";
import type { Session } from "../fleet/run/session.ts";
import type { BudgetFlags } from "./commands/budget-options.ts";
import type { Context } from "./context.ts";
import { formatSeconds, formatTime } from "./output/plan.ts";
import { say } from "./output/style.ts";

/** Stacks at once when nothing else is said: the engine of one stack waits often enough for half another. */
export const DEFAULT_CONCURRENCY = Math.max(2, Math.ceil(availableParallelism() * 1.5));

/** How budgets are kept: see {@link budgetSettings}. */
export interface BudgetSettings {
  readonly off: boolean;
  readonly timeScale: number;
  readonly certificates: boolean;
  readonly buildSeconds?: number;
}

/**
 * Reads SITEFLEET_BUDGET: `off`, or words divided by commas: `on`, `no-certificates`, `time-scale=N` (a rehearsal on limits
 * that are scaled), `build-seconds=N`. Pure.
 *
 * @param text the variable. @default "on"
 * @throws SitefleetError `environment.invalid`
 */
export function budgetSettings(text: string | undefined): BudgetSettings {
  let settings: BudgetSettings = { off: false, timeScale: 1, certificates: true };
  for (const word of (text ?? "on").split(",")) {
    const [name, value = ""] = word.trim().split("=");
    const number = Number(value);
    if (name === "on" || name === "") continue;
    if (name === "off" && value === "") settings = { ...settings, off: true };
    else if (name === "no-certificates" && value === "") settings = { ...settings, certificates: false };
    else if (name === "time-scale" && number > 0) settings = { ...settings, timeScale: number };
    else if (name === "build-seconds" && number > 0) settings = { ...settings, buildSeconds: number };
    else {
      throw new SitefleetError({
        code: "environment.invalid",
        subject: "SITEFLEET_BUDGET",
        message: `does not know ${JSON.stringify(word)}`,
        hint: "off, or some of: on, no-certificates, time-scale=N, build-seconds=N",
      });
    }
  }
  return settings;
}

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
export interface RunBudgetOptions extends BudgetFlags {
  readonly concurrency?: number;
  readonly signal: AbortSignal;
}

/**
 * Opens the budgets for a run, says how the run will go, and starts the job's clock. Undefined when SITEFLEET_BUDGET is off.
 *
 * @throws SitefleetError `environment.invalid`, `site.unknown`, `budget.ledger`
 */
export async function openRunBudget(
  context: Context,
  session: Session,
  work: Work,
  stacks: readonly string[],
  options: RunBudgetOptions,
): Promise<RunBudget | undefined> {
  const settings = budgetSettings(process.env.SITEFLEET_BUDGET);
  const { catalog } = session.inputs;
  const urgent = stacksOfHosts(catalog, options.urgent ?? []);
  if (settings.off) return undefined;
  const certificates = settings.certificates && options.certificates !== false;
  const spec = {
    certificates: certificates ? ("enforce" as const) : ("ignore" as const),
    ...(settings.buildSeconds ? { buildSeconds: settings.buildSeconds } : {}),
  };
  const ledger = settings.timeScale === 1 ? await readLedger(session.folders.state, session.store) : undefined;
  const report = planWork(work, {
    ...options,
    ...(settings.buildSeconds ? { buildSeconds: settings.buildSeconds } : {}),
    certificates,
    catalog,
    now: Date.now(),
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    startNow: true,
    ...(ledger ? { ledger } : {}),
  });
  sayPlan(report);
  const deadline: Deadline = deadlineSignal(options.jobLimit, options.margin);
  // Providers that are attached keep the addresses they were started with; the context may start others that do not.
  const attached = Boolean(process.env.PULUMI_DEBUG_PROVIDERS);
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
    gateway: !attached || context.providers !== undefined,
    timeScale: settings.timeScale,
    waiting: (stack, key, until) => say(waitingText(stack, key, until)),
    callsWait: (vendor, key, seconds) => say(callsText(vendor, key, seconds)),
  });
  const providers = await context.providers?.(budget.env);
  return {
    hooks: { admit: budget.admit, refuse: budget.refuse, env: { ...process.env, ...budget.env, ...providers?.env } },
    order: budget.order,
    figures: () => budget.figures(),
    async close() {
      deadline.close();
      await providers?.close();
      await budget.close();
    },
  };
}

function waitingText(stack: string, key: string, until: number): string {
  const end = Number.isFinite(until) ? `until ${formatTime(until)} at the latest` : "until another stack gives it back";
  return `${stack} waits for ${key}, ${end}`;
}

function callsText(vendor: string, key: string, seconds: number | undefined): string {
  if (seconds === undefined) return `calls to ${vendor} are held back: ${key} is used up`;
  return `${vendor} asks to wait ${formatSeconds(seconds)} (${key}); calls are held back until then`;
}

/** In a line or two; the whole is `sitefleet plan`. */
function sayPlan({ strategy, plan }: PlanReport): void {
  if (plan.changes === 0) return;
  say(`${strategy.kind}: ${strategy.reason}`);
  const bound = plan.limits.find(({ binds }) => binds !== undefined);
  if (bound === undefined) return;
  const per = bound.perSeconds === null ? "at once" : `in ${formatSeconds(bound.perSeconds)}`;
  say(
    `takes about ${formatSeconds(plan.seconds)}: ${bound.key} allows ${bound.amount} ${per} and ${bound.need} are needed; sitefleet plan says which run does what`,
  );
}
