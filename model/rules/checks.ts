import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";

/** What checks.yaml names must be there. */
export function checkRules(draft: Draft, report: Report): void {
  const { checks, zones, zoneNames, sites, sitesComplete, services, servicesComplete } = draft;
  if (checks === undefined) return;
  const known = (
    part: "zones" | "sites" | "services",
    names: ReadonlySet<string> | undefined,
    allowed: string,
  ): void => {
    if (names === undefined) return;
    for (const name of Object.keys(checks.value[part])) {
      if (!names.has(name)) report("check.unknown", checks.at(part, name), `${show(name)} is not declared`, allowed);
    }
  };
  known("zones", zones && zoneNames, "a zone of zones.yaml");
  const hosts = sites && sitesComplete ? new Set(sites.map(({ value }) => value.host)) : undefined;
  known("sites", hosts, "the host of a site of sites.csv, in punycode");
  const keys = services && servicesComplete ? new Set(services.map(({ value }) => value.key)) : undefined;
  known("services", keys, "the key of a service of services.yaml");
  const seen = new Set<string>();
  for (const [index, { name, address, proxy, proxyLogin }] of checks.value.vantages.entries()) {
    const at = (field: string) => checks.at("vantages", index, field);
    if (seen.has(name)) report("check.vantage", at("name"), `${show(name)} stands twice`, "a name of its own");
    seen.add(name);
    if (address !== undefined && proxy !== undefined) {
      report("check.vantage", at("proxy"), "an address and a proxy", "one of both: a proxy looks names up itself");
    }
    if (proxyLogin !== undefined && proxy === undefined) {
      report("check.vantage", at("proxyLogin"), "a login without a proxy", "proxy as well");
    }
  }
}
