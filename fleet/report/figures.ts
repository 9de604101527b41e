import type { Figures } from "../backend/journal/verdict.ts";
import type { Report, RunFigures } from "./shape.ts";

/**
 * What a deployment is measured by. Source: the operator's own targets for a deployment of the services' host
 * (docs/reference/report.md#targets).
 */
const TARGETS = { minutes: 30, answeredPercent: 100, p95Ms: 500, errorPercent: 0.1 } as const;

type Facts = Pick<Report, "run" | "outcome" | "startedAt" | "endedAt" | "roles" | "stacks" | "wentBack">;

/** The figures of a run. @param checks figures of what was checked after changes. Pure. */
export function figuresOf(facts: Facts, checks: readonly Figures[]): RunFigures {
  const { run, outcome, startedAt, endedAt, stacks, wentBack } = facts;
  const { service } = facts.roles;
  const sum = (of: (figures: Figures) => number) => checks.reduce((total, figures) => total + of(figures), 0);
  const judged = sum(({ sites, inconclusive }) => sites - inconclusive);
  // Figures of earlier versions do not tell of answers.
  const tells = checks.every(({ misanswered }) => misanswered !== undefined);
  const times = checks.flatMap(({ p95Ms = [] }) => p95Ms);
  return {
    run,
    date: startedAt,
    outcome,
    minutes: endedAt === null ? undefined : rounded((Date.parse(endedAt) - Date.parse(startedAt)) / 60_000, 2),
    stacks: stacks.length,
    failedStacks: stacks.filter(({ ok }) => !ok).length,
    services: service?.done,
    failedServices: service?.failed,
    wentBack: wentBack.length,
    answeredPercent:
      judged > 0 && tells
        ? rounded(
            100 -
              share(
                sum(({ misanswered = 0 }) => misanswered),
                judged,
              ),
            2,
          )
        : undefined,
    errorPercent:
      judged > 0
        ? rounded(
            share(
              sum(({ failed }) => failed),
              judged,
            ),
            2,
          )
        : undefined,
    // Of several checks the slowest: percentiles cannot be added.
    p95Ms: times.length === 0 ? undefined : Math.max(...times),
  };
}

/** The figures against the targets. Pure. */
export function targetsOf(figures: RunFigures, { jobs }: Pick<Report, "jobs">): Report["targets"] {
  const { minutes, services, failedServices = 0, failedStacks, wentBack, outcome } = figures;
  // A failed stack makes its job fail: it counts once.
  const failures = failedStacks > 0 ? failedStacks : jobs.filter((job) => job.outcome === "failed").length;
  const known = outcome !== "open";
  const row = (name: string, target: string, value: string | undefined, met: boolean | undefined) => ({
    name,
    target,
    value: value ?? null,
    met: value === undefined ? null : (met ?? null),
  });
  return [
    row(
      "duration",
      `under ${TARGETS.minutes} min`,
      minutes?.toString().concat(" min"),
      (minutes ?? 0) < TARGETS.minutes,
    ),
    row(
      "services deployed",
      "all",
      services === undefined ? "none touched" : `${services} of ${services + failedServices}`,
      services === undefined ? undefined : failedServices === 0,
    ),
    row("failures", "0", String(failures), failures > 0 ? false : known ? true : undefined),
    row("went back", "0", String(wentBack), wentBack > 0 ? false : known ? true : undefined),
    ...measured(figures),
    row("connection pools, query times", "see the dashboard", undefined, undefined),
  ];
}

function measured({ answeredPercent, p95Ms, errorPercent }: RunFigures): Report["targets"] {
  const row = (
    name: string,
    target: string,
    unit: string,
    value: number | undefined,
    met: (value: number) => boolean,
  ) => ({
    name,
    target,
    value: value === undefined ? null : `${value} ${unit}`,
    met: value === undefined ? null : met(value),
  });
  return [
    row(
      "answers as declared",
      `${TARGETS.answeredPercent} %`,
      "%",
      answeredPercent,
      (is) => is >= TARGETS.answeredPercent,
    ),
    row("time to answer, 95th percentile", `under ${TARGETS.p95Ms} ms`, "ms", p95Ms, (is) => is < TARGETS.p95Ms),
    row("error rate", `under ${TARGETS.errorPercent} %`, "%", errorPercent, (is) => is < TARGETS.errorPercent),
  ];
}

const share = (part: number, whole: number): number => (part / whole) * 100;

function rounded(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
