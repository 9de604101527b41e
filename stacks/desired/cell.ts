import {
  type Catalog,
  checkOfDeployment,
  projectName,
  type Site,
  sharedProjectName,
  sitesByCell,
} from "../../model/index.ts";
import { byName, commitOf, siteCheck } from "./common.ts";
import type { CellState, SiteState } from "./types.ts";

const cells = new WeakMap<Catalog, Map<string, Site[]>>();

/** Sites by cell, worked out once a catalog: a survey asks for every cell. */
function cellsOf(catalog: Catalog): Map<string, Site[]> {
  const known = cells.get(catalog) ?? sitesByCell(catalog.sites);
  cells.set(catalog, known);
  return known;
}

/** Desired state of a cell: its sites, by host. Pure. */
export function cellState(catalog: Catalog, cell: string): CellState {
  const sites = (cellsOf(catalog).get(cell) ?? []).map((site) => siteState(catalog, site));
  return { kind: "cell", sites: sites.sort((a, b) => byName(a.host, b.host)) };
}

function siteState(catalog: Catalog, site: Site): SiteState {
  const { host, repository, rootDirectory, framework } = site;
  if (site.project === "shared") return { host, project: { kind: "shared", name: sharedProjectName(site) } };
  return {
    host,
    project: { kind: "own", name: projectName(site), repository, rootDirectory, framework },
    commit: commitOf(catalog, site),
    check: siteCheck(checkOfDeployment(catalog, site)),
  };
}
