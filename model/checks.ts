import type { Check, CheckLayer, Checks } from "./check-types.ts";
import type { Service } from "./service-types.ts";
import type { Catalog, Site } from "./types.ts";

/** The defaults of a check; docs/reference/health.md has the reasons. */
const BUILT_IN: Check = {
  path: "/",
  statuses: [200],
  marker: null,
  redirect: null,
  https: false,
  timeoutSeconds: 10,
  tries: 3,
  release: { header: null, meta: null, path: null, required: false },
  tls: { verify: true, days: 7 },
  slow: { percent: 30, floorMs: 100, samples: 20, least: 5, fails: true },
};

/** Path of the file that every release on an SSH host carries, see docs/reference/services.md. */
const SERVICE_RELEASE = "/.well-known/sitefleet-release";

/** Lays layers over each other, the later ones on top. Pure. */
export function layered(layers: readonly (CheckLayer | undefined)[]): Check {
  let check = BUILT_IN;
  for (const layer of layers) {
    if (layer === undefined) continue;
    const { release, tls, slow, ...rest } = layer;
    check = {
      ...check,
      ...given(rest),
      release: { ...check.release, ...given(release) },
      tls: { ...check.tls, ...given(tls) },
      slow: { ...check.slow, ...given(slow) },
    };
  }
  return check;
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function given<T extends object>(part: T | undefined): Given<T> {
  return Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** How a site is checked on its host. Pure. */
export function checkOfSite({ checks }: Pick<Catalog, "checks">, site: Pick<Site, "host" | "zone" | "project">): Check {
  const { defaults, projects, zones, sites } = checks;
  // Vercel redirects http on every domain: https://vercel.com/docs/cdn-security
  return once(checks, site.host, ["site", site.project, site.zone], () =>
    layered([{ https: true }, defaults, projects[site.project], own(zones, site.zone), own(sites, site.host)]),
  );
}

const known = new WeakMap<Checks, Map<string, Check>>();

/** Sites of one kind and zone have one check, but for those with a layer of their own: it is put together once for all of them. */
function once(checks: Checks, host: string, key: readonly (string | undefined)[], make: () => Check): Check {
  if (Object.hasOwn(checks.sites, host)) return make();
  const made = known.get(checks) ?? new Map<string, Check>();
  known.set(checks, made);
  const name = key.join(" ");
  const check = made.get(name) ?? make();
  made.set(name, check);
  return check;
}

/** How a service is checked on its host: `health` of services.yaml lies between the general layers and its own. Pure. */
export function checkOfService(catalog: Pick<Catalog, "checks" | "zones">, service: Service): Check {
  const { defaults, kinds, zones, services } = catalog.checks;
  const cdn = catalog.zones.find(({ name }) => name === service.zone)?.cdn;
  const { path, status, release } = service.health;
  return layered([
    // Where Cloudflare fronts a host, whether http is redirected is declared already.
    { https: service.proxied && cdn?.alwaysUseHttps === true },
    release ? { release: { path: SERVICE_RELEASE } } : {},
    defaults,
    own(kinds, service.kind),
    own(zones, service.zone),
    { path, statuses: [status] },
    own(services, service.key),
  ]);
}

/**
 * How a deployment is checked on its own address: as its site, but for what belongs to the site's host: redirects and
 * https. That it is slower than earlier ones is only noted, unless the part `deployments` says otherwise: the first answers
 * of a deployment start its functions. Pure.
 *
 * @param site The site that it is of; of a shared project only the kind of project. @default only what holds for everything
 */
export function checkOfDeployment(
  catalog: Pick<Catalog, "checks">,
  site?: Pick<Site, "project"> & Partial<Pick<Site, "host" | "zone">>,
): Check {
  const { host = "", zone = "" } = site ?? {};
  const check = once(catalog.checks, host, ["deployment", site?.project, zone], () => {
    const base =
      site === undefined ? layered([catalog.checks.defaults]) : checkOfSite(catalog, { ...site, host, zone });
    const own = { redirect: null, https: false, slow: { fails: false } };
    return layered([base, own, catalog.checks.deployments]);
  });
  if (!check.marker?.includes("{host}") || site === undefined) return check;
  // The page names the site's host, not the address that it is asked at; many hosts share one deployment.
  return { ...check, marker: host === "" ? null : check.marker.replaceAll("{host}", host) };
}

function own(record: Readonly<Record<string, CheckLayer>>, key: string): CheckLayer | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
