import type { Expected, Target } from "../../checks/types.ts";
import { type Code, SitefleetError } from "../../errors/index.ts";
import {
  type Catalog,
  cellNames,
  checkOfDeployment,
  checkOfService,
  checkOfSite,
  releaseRef,
  type Service,
  type Site,
} from "../../model/index.ts";
import { HOSTING } from "../../vendors/index.ts";

/** Which sites and services; nothing named means all. */
export interface Selection {
  /** Hosts of sites. */
  readonly sites?: readonly string[];
  /** `canary`, else a number, e.g. `07`. */
  readonly cells?: readonly string[];
  /** Keys of services. */
  readonly services?: readonly string[];
}

/** A site on its host. `expected`: @default the commit that the catalog pins it to. Pure. */
export function siteTarget(catalog: Catalog, site: Site, expected?: Expected): Target {
  const ref = releaseRef(catalog.releases, site.channel, site.repository);
  return {
    id: site.host,
    kind: "site",
    host: site.host,
    origin: `https://${site.host}`,
    zone: site.zone,
    cell: site.cell,
    check: checkOfSite(catalog, site),
    expected: expected ?? (ref === undefined ? {} : { ref }),
  };
}

/** A service on its host. `expected`: @default nothing is known of its release. Pure. */
function serviceTarget(catalog: Catalog, service: Service, expected: Expected = {}): Target {
  return {
    id: service.host,
    kind: "service",
    host: service.host,
    origin: `https://${service.host}`,
    zone: service.zone,
    service: service.key,
    check: checkOfService(catalog, service),
    expected,
  };
}

/** What is asked of a deployment. */
export interface DeploymentRef {
  /** Its own address, with or without a scheme. */
  readonly url: string;
  /** The site that it is of. @default only what holds for everything is checked */
  readonly site?: Site;
  /** @default the commit that the catalog pins the site to */
  readonly expected?: Expected;
  /** Passes deployment protection; called only in front of it. */
  readonly bypass?: () => Promise<string | undefined>;
}

/** A deployment on its own address. Pure. @throws SitefleetError `health.url` */
export function deploymentTarget(catalog: Catalog, { url, site, expected, bypass }: DeploymentRef): Target {
  const address = URL.parse(url.includes("://") ? url : `https://${url}`);
  if (address === null || !/^https?:$/.test(address.protocol) || address.username !== "") {
    throw new SitefleetError({
      code: "health.url",
      message: "is no address of a deployment",
      subject: url.replace(/\/\/[^@/]*@/, "//"),
      hint: HOSTING.example,
    });
  }
  const check = checkOfDeployment(catalog, site);
  const ref = site && releaseRef(catalog.releases, site.channel, site.repository);
  return {
    id: address.host,
    kind: "deployment",
    host: address.hostname,
    origin: address.origin,
    check: address.pathname === "/" ? check : { ...check, path: `${address.pathname}${address.search}` },
    expected: expected ?? (ref === undefined ? {} : { ref }),
    ...(site === undefined ? {} : { zone: site.zone, cell: site.cell }),
    ...(bypass === undefined ? {} : { bypass }),
  };
}

/**
 * The targets of a selection, in the catalog's order, each once. Pure.
 *
 * @throws SitefleetError `site.unknown`, `cell.unknown`, `service.unknown`
 */
export function selectTargets(catalog: Catalog, selection: Selection = {}): Target[] {
  const { sites = [], cells = [], services = [] } = selection;
  const all = sites.length + cells.length + services.length === 0;
  const known = (code: Code, what: string, wanted: readonly string[], names: Iterable<string>, hint: string): void => {
    const set = new Set(names);
    const missing = wanted.find((name) => !set.has(name));
    if (missing === undefined) return;
    throw new SitefleetError({ code, message: `the catalog has no such ${what}`, subject: missing, hint });
  };
  const hosts = catalog.sites.map(({ host }) => host);
  const keys = catalog.services.map(({ key }) => key);
  known("site.unknown", "site", sites, hosts, "sitefleet cells --json lists all hosts");
  const names = cellNames(catalog.cells);
  known("cell.unknown", "cell", cells, names, `canary, ${names[1]} to ${names.at(-1)}`);
  known("service.unknown", "service", services, keys, `one of ${keys.join(", ")}`);
  return [
    ...catalog.sites
      .filter((site) => all || sites.includes(site.host) || cells.includes(site.cell))
      .map((site) => siteTarget(catalog, site)),
    ...catalog.services
      .filter(({ key }) => all || services.includes(key))
      .map((service) => serviceTarget(catalog, service)),
  ];
}

/** The same targets without what is known of their release: any release is right. Pure. */
export function anyRelease(targets: readonly Target[]): Target[] {
  return targets.map((target) => ({ ...target, expected: {} }));
}
