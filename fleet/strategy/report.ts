import type { Catalog } from "../../catalog/index.ts";
import {
  ASSUMED_BUILD_SECONDS,
  BUILDS,
  CERTIFICATES,
  type FleetPlan,
  idOfKey,
  type LedgerState,
  limitSpecs,
  PLAN_DEFAULTS,
  planFleet,
  plannedWork,
  type WorkWindow,
} from "../budget/index.ts";
import { chooseStrategy, type Strategy } from "./choose.ts";
import { readTraffic } from "./traffic.ts";
import { type QuietWindow, quietWindow } from "./window.ts";
import { stacksOfHosts, type Work } from "./work.ts";

/** All that is known before anything starts. */
export interface PlanReport {
  readonly strategy: Strategy;
  /** Absent when the run starts now. */
  readonly window?: QuietWindow;
  /** Why it starts when it does. */
  readonly startReason: string;
  /** ms since 1970 */
  readonly startsAt: number;
  readonly plan: FleetPlan;
  /** What was assumed. */
  readonly notes: readonly string[];
}

/** Options of {@link planWork}. Durations in seconds, times in ms since 1970. */
export interface PlanWorkOptions {
  readonly catalog: Catalog;
  readonly now: number;
  /** What was used so far. @default nothing */
  readonly ledger?: LedgerState;
  /** Stacks at once. */
  readonly concurrency: number;
  /** Hosts that go first. @default none */
  readonly urgent?: readonly string[];
  /** File with hourly requests. @default none */
  readonly traffic?: string;
  /** Length of the quiet hours, hours. @default 2 */
  readonly quietHours?: number;
  /** Do not wait for the quiet hours. @default false */
  readonly startNow?: boolean;
  /** Nothing may end later. @default no end */
  readonly until?: number;
  /** @default 6 h */
  readonly jobLimit?: number;
  /** @default 600, at most a quarter of the limit */
  readonly margin?: number;
  /** @default 60 */
  readonly buildSeconds?: number;
  /** False leaves Let's Encrypt's limit out. @default true */
  readonly certificates?: boolean;
}

/** How long it takes, which limit binds, and which run does what. @throws SitefleetError `site.unknown`, `traffic.invalid` */
export function planWork(work: Work, options: PlanWorkOptions): PlanReport {
  const { catalog, now, ledger, urgent = [], buildSeconds, jobLimit = PLAN_DEFAULTS.jobLimitSeconds } = options;
  const certificates = options.certificates === false ? "ignore" : "enforce";
  const specs = limitSpecs(catalog.limits, { certificates, ...(buildSeconds ? { buildSeconds } : {}) });
  const first = stacksOfHosts(catalog, urgent);
  const planned = plannedWork({ catalog, specs, stacks: work.stacks, known: work.known, urgent: first });
  const base = {
    specs,
    startsAt: now,
    ...(ledger ? { ledger } : {}),
    concurrency: options.concurrency,
    jobLimitSeconds: jobLimit,
    marginSeconds: options.margin ?? Math.min(PLAN_DEFAULTS.marginSeconds, jobLimit / 4),
    ...(options.until === undefined ? {} : { until: options.until }),
  };
  const atOnce = planFleet(planned, base);
  const facts = { hosts: work.hosts, stacks: planned.map(({ stack }) => stack), live: work.live, urgent };
  const waits = atOnce.limits.some(({ binds }) => binds !== undefined);
  const strategy = chooseStrategy({ ...facts, waits }, catalog.sites);
  const rows = options.traffic === undefined ? [] : readTraffic(options.traffic);
  const quiet = quietWindow(rows, { now, ...(options.quietHours ? { hours: options.quietHours } : {}) });
  const waiting = strategy.quietHours && !options.startNow;
  const window: WorkWindow = {
    startsAt: quiet.startsAt,
    seconds: quiet.hours * 3600,
    everySeconds: quiet.everyHours * 3600,
  };
  const plan = waiting ? planFleet(planned, { ...base, startsAt: quiet.startsAt, window }) : atOnce;
  const why = options.startNow
    ? "--now was given"
    : strategy.kind === "batch"
      ? "nothing that is live is touched"
      : strategy.kind;
  return {
    strategy,
    ...(waiting ? { window: quiet } : {}),
    startsAt: waiting ? quiet.startsAt : now,
    startReason: waiting ? quiet.reason : `now (${why})`,
    plan,
    notes: [...work.notes, ...limitNotes(catalog, plan, buildSeconds)],
  };
}

/** What a reader must know about the numbers. */
function limitNotes(catalog: Catalog, plan: FleetPlan, buildSeconds: number | undefined): string[] {
  const used = new Set(plan.limits.map(({ key }) => idOfKey(key)));
  const doubtful = catalog.limits.filter(
    ({ id, confidence, note }) => confidence === "?" && note !== undefined && used.has(id),
  );
  const notes = doubtful.map(({ id, note }) => `${id}: ${note}`);
  if (used.has(CERTIFICATES)) {
    notes.push(
      `${CERTIFICATES}: zones of kind wildcard need one certificate; if Vercel tells you of a higher limit, put it into limits.yaml`,
    );
  }
  if (used.has(BUILDS) && buildSeconds === undefined)
    notes.push(`a build is taken to last ${ASSUMED_BUILD_SECONDS} s (--build-seconds)`);
  return notes;
}
