import type { Catalog } from "../../../model/index.ts";
import { HOSTING } from "../../../vendors/index.ts";
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
} from "../index.ts";
import { chooseStrategy, type Strategy } from "./choose.ts";
import { readTraffic } from "./traffic.ts";
import { nameOfStretch, type QuietWindow, quietWindow, type Stretch } from "./window.ts";
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
  const specs = limitSpecs(catalog.limits, { certificates, buildSeconds: buildSeconds || undefined });
  const first = stacksOfHosts(catalog, urgent);
  const planned = plannedWork({ catalog, specs, stacks: work.stacks, known: work.known, urgent: first });
  const base = {
    specs,
    startsAt: now,
    ledger,
    concurrency: options.concurrency,
    jobLimitSeconds: jobLimit,
    marginSeconds: options.margin ?? Math.min(PLAN_DEFAULTS.marginSeconds, jobLimit / 4),
    until: options.until,
  };
  const atOnce = planFleet(planned, base);
  const facts = { hosts: work.hosts, stacks: planned.map(({ stack }) => stack), live: work.live, urgent };
  const waits = atOnce.limits.some(({ binds }) => binds !== undefined);
  const strategy = chooseStrategy({ ...facts, waits }, catalog.sites);
  const rows = options.traffic === undefined ? [] : readTraffic(options.traffic);
  const quiet = quietWindow(rows, { now, hours: options.quietHours || undefined });
  const waiting = strategy.quietHours && !options.startNow;
  const within = (stretches: readonly Pick<Stretch, "startsAt">[] = [quiet]) => {
    const window = workWindow(quiet, stretches);
    return planFleet(planned, { ...base, startsAt: window.startsAt, window });
  };
  const plan = waiting ? within(quiet.windows) : atOnce;
  const cost = waiting ? waitingCost(quiet, plan, within) : [];
  const why = options.startNow
    ? "--now was given"
    : strategy.kind === "batch"
      ? "nothing that is live is touched"
      : strategy.kind;
  return {
    strategy,
    window: waiting ? quiet : undefined,
    startsAt: waiting ? quiet.startsAt : now,
    startReason: waiting ? quiet.reason : `now (${why})`,
    plan,
    notes: [...cost, ...work.notes, ...limitNotes(catalog, plan, buildSeconds)],
  };
}

/** The quiet hours as runs may use them. @param stretches not empty, the next first */
function workWindow({ hours, everyHours }: QuietWindow, stretches: readonly Pick<Stretch, "startsAt">[]): WorkWindow {
  const startsAt = stretches[0]?.startsAt ?? 0;
  return {
    startsAt,
    seconds: hours * 3600,
    everySeconds: everyHours * 3600,
    offsets: stretches.map((one) => (one.startsAt - startsAt) / 1000),
  };
}

/** What waiting for the quietest hours alone costs against using others as well; nothing when it costs nothing. */
function waitingCost(
  quiet: QuietWindow,
  plan: FleetPlan,
  within: (stretches: readonly Stretch[]) => FleetPlan,
): string[] {
  const { windows = [], daily = [], hours } = quiet;
  const [best] = windows.toSorted((a, b) => a.share - b.share);
  if (best === undefined || plan.runs.length === 0) return [];
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const days = (ms: number) => Math.round(ms / 86_400_000);
  const name = `${nameOfStretch(best, hours)}, ${percent(best.share)}`;
  if (windows.length > 1) {
    const late = days(within([best]).endsAt - plan.endsAt);
    return late < 1 ? [] : [`waiting for the quietest alone (${name}) would end ${late} d later`];
  }
  const sooner = days(plan.endsAt - within(daily).endsAt);
  const most = percent(Math.max(...daily.map(({ share }) => share)));
  return sooner < 1
    ? []
    : [
        `waiting for the quietest (${name}) costs ${sooner} d: the quietest ${hours} h of every day, with up to ${most} of the average traffic, would end ${sooner} d sooner`,
      ];
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
      `${CERTIFICATES}: zones of kind wildcard need one certificate; if ${HOSTING.vendor.title} tells you of a higher limit, put it into limits.yaml`,
    );
  }
  if (used.has(BUILDS) && buildSeconds === undefined)
    notes.push(`a build is taken to last ${ASSUMED_BUILD_SECONDS} s (--build-seconds)`);
  return notes;
}
