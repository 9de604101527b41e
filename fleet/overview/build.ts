import type { Deployments } from "../report/index.ts";
import { deploymentsOf } from "../report/index.ts";
import { scalingOf } from "./advice.ts";
import { siteDetail } from "./detail.ts";
import { cellsNow, sitesNow, upOf, zonesNow } from "./estate.ts";
import { type OverviewFacts, unknown } from "./facts.ts";
import { rolloutNow, runsNow, type Told, tell } from "./now.ts";
import { servicesNow } from "./services.ts";
import type { Overview, RunNow, SiteDetail } from "./shape.ts";
import { waitsOf } from "./waits.ts";

/** Deployments of so many days make the success rate and the mean time. */
const DAYS = 7;
/** Runs that are listed. */
const LISTED = 20;

/** What beside the estate as a whole is asked for. */
export interface Asked {
  /** List every site. */
  readonly sites?: boolean | undefined;
  /** All of one site. */
  readonly site?: string | undefined;
  readonly siteCost?: Extract<SiteDetail, { known: true }>["cost"] | undefined;
}

/** What the estate is and does now. Every figure is one of what was read, or a count of it. Pure. */
export function overviewOf(facts: OverviewFacts, { sites, site, siteCost }: Asked = {}): Overview {
  const { now, target, catalog, budgets, incidents } = facts;
  const told = facts.runs.map(tell);
  const runs = runsNow(told, facts);
  const rollout = facts.rollout ? rolloutNow(facts.rollout, now) : null;
  const deployments = deploymentsNow(told, runs, now);
  return {
    ...{ at: new Date(now).toISOString(), target, runs, rollout, deployments },
    up: upOf(catalog, facts),
    waits: waitsOf(facts, told, rollout, runs),
    budgets: "known" in budgets ? budgets : { known: true, ...budgets },
    window: facts.window,
    cost: facts.cost,
    advice: [...scalingOf(catalog, deployments, budgets), ...facts.savings],
    cells: catalog ? cellsNow(catalog, facts, touchedBy(told, runs)) : [],
    zones: catalog ? zonesNow(catalog) : [],
    services: catalog ? servicesNow(catalog, facts) : [],
    past: told.slice(0, LISTED).map(pastOf),
    incidents: incidents.filter(({ state }) => state !== "closed").map(({ timeline: _, ...one }) => one),
    drift: driftOf(facts, told),
    approvals: facts.requests.map(({ id, operation, does, notBefore, expires, stacks, asks }) => ({
      ...{ id, operation, does, notBefore, expires, stacks: stacks.length, asks: asks.map(({ says }) => says) },
    })),
    badReleases: facts.badReleases.map(({ repository, commit, at, reason }) => ({ repository, commit, at, reason })),
    unknown: facts.unknown,
    sites: sites && catalog ? sitesNow(catalog, facts) : undefined,
    site:
      site === undefined
        ? undefined
        : siteDetail(site, catalog, facts, told, siteCost ?? unknown("no price list is declared", "sitefleet cost")),
  };
}

function deploymentsNow(told: readonly Told[], runs: readonly RunNow[], now: number): Overview["deployments"] {
  const past: Deployments = deploymentsOf(
    told.map(({ report }) => report),
    now - DAYS * 86_400_000,
  );
  const going = runs.filter(({ alive }) => alive);
  return {
    ...past,
    active: going.reduce((sum, { active }) => sum + active.length, 0),
    queued: going.reduce((sum, { queued }) => sum + queued, 0),
  };
}

/** Of each run under way, the stacks that have ended, and whether well. Pure. */
function touchedBy(told: readonly Told[], runs: readonly RunNow[]) {
  return runs.map((run) => {
    const own = told.find((one) => one.run === run.run);
    return { ...run, touched: new Map((own?.report.stacks ?? []).map(({ stack, ok }) => [stack, ok] as const)) };
  });
}

function pastOf({ run, report }: Told): Overview["past"][number] {
  const { jobs, outcome, startedAt, endedAt, figures, waves, checks, commits } = report;
  const last = checks.at(-1);
  return {
    ...{ run, outcome, startedAt, endedAt, commits },
    operation: [...new Set(jobs.map(({ operation }) => operation))].join(", "),
    by: [...new Set(jobs.map(({ by }) => by))].join(", "),
    minutes: figures.minutes,
    stacks: figures.stacks,
    failedStacks: figures.failedStacks,
    waves: waves.map(({ wave, state, reason }) => ({ wave, state, reason })),
    judged: last === undefined ? "" : `${last.verdict}: ${last.reason}`,
  };
}

/** The last that was seen of drift: an incident, or what a run has told. Pure. */
function driftOf({ incidents }: Pick<OverviewFacts, "incidents">, told: readonly Told[]): Overview["drift"] {
  const told_ = told
    .flatMap(({ streams }) => streams.flatMap(({ entries }) => entries))
    .filter((entry) => entry.event === "drift");
  const event = told_.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  const incident = incidents.findLast(({ rule }) => rule === "undeclared-drift");
  if (incident !== undefined && (event === undefined || event.at < incident.lastSeenAt)) {
    const closed = incident.state === "closed";
    const at = incident.closedAt ?? incident.lastSeenAt;
    return { known: true, at, changes: closed ? 0 : 1, examples: [], sentence: incident.sentence };
  }
  if (event?.event === "drift")
    return {
      known: true,
      at: event.at,
      changes: event.changes,
      examples: event.examples,
      sentence: `${event.changes} changes by hand`,
    };
  return unknown("no comparison with the vendors is kept here", "sitefleet drift");
}
