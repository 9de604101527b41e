import type { Overview } from "../../fleet/overview/index.ts";
import { plural, table } from "./style.ts";

/** What the estate is and does now, for a terminal. Pure. */
export function renderOverview(found: Overview): string {
  const { up, runs, rollout, waits, deployments: is, window, cost, advice, budgets, sites, site, unknown } = found;
  const going = runs.filter(({ alive }) => alive);
  const lines = [
    up.sentence,
    ...up.failures.map(({ host, reason }) => `  ${host} ${reason}`),
    rollout === null
      ? "no rollout yet"
      : `rollout ${rollout.id}: ${rollout.status}, ${rollout.sitesDone} of ${plural(rollout.sites, "site")} passed${rollout.waitsFor ? `; waits: ${rollout.waitsFor}` : ""}`,
    ...going.map(
      ({ operation, by, done, failed, active, queued, total }) =>
        `${operation} by ${by}: ${done} done, ${failed} failed, ${active.length} active, ${queued} queued of ${plural(total, "stack")}`,
    ),
    going.length === 0 ? "nothing runs" : "",
    ...waits.flatMap(({ sentence, command }) => [`waits for a person: ${sentence}`, `  ${command}`]),
    `deployments of the last 7 days: ${plural(is.runs, "run")}, ${is.successPercent === undefined ? "nothing deployed" : `${is.successPercent} % well`}`,
    ...(budgets.known
      ? budgets.vendors.flatMap(({ limits }) =>
          limits.map(
            ({ limit, left, amount, nextAt }) =>
              `budget ${limit}: ${left} of ${amount} left${left > 0 || nextAt === null ? "" : `, next free ${nextAt}`}`,
          ),
        )
      : [`budgets: not known, ${budgets.why}`]),
    `best window: ${window.from} to ${window.to} (${window.reason})`,
    cost.known
      ? `month: ${cost.expected === undefined ? "" : `${cost.expected.toFixed(2)}, `}${cost.low.toFixed(2)} to ${cost.high.toFixed(2)} ${cost.currency} (${cost.interval})`
      : `month's cost: not known, ${cost.why}`,
    ...advice.map(({ says, because }) => `${says} (${because})`),
    ...unknown.map(({ what, why }) => `${what} could not be read: ${why}`),
  ];
  const shown = lines.filter((line) => line !== "");
  if (sites)
    shown.push(
      table([
        ["site", "cell", "check", "live"],
        ...sites.map(({ host, cell, verdict = "not checked", live = "not known" }) => [
          host,
          cell,
          verdict,
          live.slice(0, 12),
        ]),
      ]),
    );
  if (site) shown.push(site.known ? JSON.stringify(site, null, 2) : `site: not known, ${site.why}`);
  return shown.join("\n");
}
