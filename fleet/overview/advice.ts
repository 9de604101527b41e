import { type Catalog, findLimit, sharedProjects } from "../../model/index.ts";
import { ASSUMED_BUILD_SECONDS, BUILDS, type BudgetPicture } from "../budget/index.ts";
import type { Deployments } from "../report/index.ts";
import type { Overview, Unknown } from "./shape.ts";

/** The operator's own goals for a deployment: seconds a site, percent of success (docs/reference/report.md#targets). */
const GOALS = { seconds: 120, percent: 99 } as const;
/** Of a limit: less than this left is little. */
const LITTLE = 0.1;

/** How to scale, each with what it is drawn from. Pure. */
export function scalingOf(
  catalog: Catalog | undefined,
  deployments: Deployments,
  budgets: BudgetPicture | Unknown,
): Overview["advice"] {
  return [...(catalog ? ofBuilds(catalog) : []), ...ofDeployments(deployments), ...ofBudgets(budgets)];
}

/** How long all would take to build, and which limit binds. */
function ofBuilds(catalog: Catalog): Overview["advice"] {
  const limit = findLimit(catalog.limits, BUILDS);
  const projects = catalog.sites.filter(({ project }) => project === "own").length + sharedProjects(catalog).length;
  if (limit === undefined || limit.amount <= 0 || projects === 0) return [];
  const minutes = Math.ceil((projects * ASSUMED_BUILD_SECONDS) / limit.amount / 60);
  const because = `${projects} projects, ${limit.amount} builds at once (${BUILDS}), ${ASSUMED_BUILD_SECONDS} s a build are assumed`;
  const shared = catalog.sites.length - projects;
  if (minutes <= 60)
    return [
      {
        says: `No need to scale: building everything takes about ${minutes} min`,
        because,
        command: "sitefleet plan --all",
      },
    ];
  const says = `Building everything takes about ${(minutes / 60).toFixed(1)} h: share projects, or have more builds at once`;
  return [
    {
      says,
      because: shared > 0 ? `${because}; ${shared} sites share a project already` : because,
      command: "sitefleet plan --all",
    },
  ];
}

function ofDeployments({
  meanReleaseSeconds,
  successPercent,
  releases,
  failedReleases,
  stacks,
  failedStacks,
}: Deployments): Overview["advice"] {
  const found: Overview["advice"] = [];
  if (meanReleaseSeconds !== undefined && meanReleaseSeconds > GOALS.seconds)
    found.push({
      says: "Deploy fewer sites a stack at once, or make builds shorter",
      because: `a release takes ${meanReleaseSeconds} s, the goal is under ${GOALS.seconds} s`,
    });
  if (successPercent !== undefined && successPercent < GOALS.percent)
    found.push({
      says: "Mend what fails before adding sites",
      because:
        releases + failedReleases > 0
          ? `${failedReleases} of ${releases + failedReleases} releases failed, the goal is above ${GOALS.percent} %`
          : `${failedStacks} of ${stacks} stacks failed, the goal is above ${GOALS.percent} %`,
      command: "sitefleet report --list",
    });
  return found;
}

function ofBudgets(budgets: BudgetPicture | Unknown): Overview["advice"] {
  if ("known" in budgets) return [];
  return budgets.vendors.flatMap(({ limits }) =>
    limits
      .filter(({ left, amount }) => left < amount * LITTLE)
      .map(({ limit, left, amount, nextAt }) => ({
        says: "Begin no large run now",
        because: `${limit}: ${left} of ${amount} are left${nextAt === null ? "" : `, the next is free at ${nextAt}`}`,
        command: "sitefleet plan",
      })),
  );
}
