import { checkTargets, type RunOptions } from "../../checks/index.ts";
import type { Expected, HealthResult } from "../../checks/types.ts";
import type { Catalog, Site } from "../../model/index.ts";
import { type DeploymentRef, deploymentTarget, siteTarget } from "./targets.ts";

/**
 * Checks a deployment on its own address, before it is promoted.
 *
 * @throws SitefleetError `health.url` and those of {@link checkTargets}
 */
export async function checkDeployment(
  catalog: Catalog,
  deployment: DeploymentRef,
  options: RunOptions = {},
): Promise<HealthResult> {
  const vantages = options.vantages ?? catalog.checks.vantages;
  const [result] = await checkTargets([deploymentTarget(catalog, deployment)], { ...options, vantages });
  // One target, one result.
  return result as HealthResult;
}

/**
 * Checks sites on their hosts, e.g. those of a wave after it.
 *
 * @param expected What is to be live, by host. @default what the catalog pins each site to
 * @throws SitefleetError those of {@link checkTargets}
 */
export function checkSites(
  catalog: Catalog,
  sites: readonly Site[],
  options: RunOptions & { readonly expected?: ReadonlyMap<string, Expected> } = {},
): Promise<HealthResult[]> {
  const { expected, vantages = catalog.checks.vantages, ...rest } = options;
  const targets = sites.map((site) => siteTarget(catalog, site, expected?.get(site.host)));
  return checkTargets(targets, { ...rest, vantages });
}
