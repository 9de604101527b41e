import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { anyRelease, deploymentTarget, selectTargets, type Target } from "../../fleet/health/index.ts";
import type { Catalog, Vantage } from "../../model/index.ts";
import { HOSTING } from "../../vendors/index.ts";

const { bypass: BYPASS } = HOSTING;

/** What is checked, as it was asked for. */
export interface Choice {
  readonly site?: readonly string[];
  readonly cell?: readonly string[];
  readonly service?: readonly string[];
  readonly all?: boolean;
  readonly deployment?: string;
  readonly anyRelease?: boolean;
}

/** What is checked. @throws SitefleetError `usage`, `site.unknown`, `cell.unknown`, `service.unknown`, `health.address` */
export function targetsFor(catalog: Catalog, choice: Choice): Target[] {
  const { site = [], cell = [], service = [], all, deployment } = choice;
  const named = site.length + cell.length + service.length;
  if (all && named > 0) throw wrong("--all goes without --site, --cell and --service");
  if (deployment !== undefined && (all || named > site.length || site.length > 1))
    throw wrong("--deployment goes with at most one --site");
  const targets =
    deployment === undefined
      ? selectTargets(catalog, { sites: site, cells: cell, services: service })
      : [deploymentOf(catalog, deployment, site)];
  return choice.anyRelease ? anyRelease(targets) : targets;
}

function deploymentOf(catalog: Catalog, url: string, [host]: readonly string[]): Target {
  // For its error when there is no such site.
  if (host !== undefined) selectTargets(catalog, { sites: [host] });
  const site = catalog.sites.find((one) => one.host === host);
  const bypass = environment()[BYPASS];
  return deploymentTarget(catalog, {
    url,
    site,
    bypass: bypass ? async () => bypass : undefined,
  });
}

/** From where it is asked. @param wanted Names; @default all that are declared @throws SitefleetError `vantage.unknown` */
export function vantagesFor(declared: readonly Vantage[], wanted: readonly string[] | undefined): readonly Vantage[] {
  if (wanted === undefined) return declared;
  return wanted.map((name) => {
    const found = declared.find((vantage) => vantage.name === name);
    if (found) return found;
    throw new SitefleetError({
      code: "vantage.unknown",
      message: "checks.yaml has no such vantage",
      subject: name,
      hint: `one of ${declared.map((vantage) => vantage.name).join(", ")}`,
    });
  });
}

const wrong = (message: string) => new SitefleetError({ code: "usage", message });
