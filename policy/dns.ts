import { type Resource, type Rule, UNKNOWN } from "./resource.ts";

const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
const ZONE = "cloudflare:index/zone:Zone";
/** Types whose record at a site's own host leads to the site and hides nothing. */
const LEADING: ReadonlySet<unknown> = new Set(["A", "AAAA", "CNAME"]);

const hostOf = ({ props }: Resource): string | undefined =>
  typeof props.name === "string" ? props.name.toLowerCase().replace(/\.$/, "") : undefined;
const isIn = (host: string, zone: string): boolean => host === zone || host.endsWith(`.${zone}`);
const zoneOf = (host: string, zones: readonly string[]): string | undefined =>
  zones.filter((zone) => isIn(host, zone)).sort((a, b) => b.length - a.length)[0];

/** Records and zones belong to zones that the catalog declares. */
export const declaredZone: Rule = {
  id: "declared-zone",
  description: "DNS records and zones are in zones that catalog/zones.yaml declares.",
  instead: "declare the zone in catalog/zones.yaml",
  check(resource, { zones }) {
    if (resource.type !== RECORD && resource.type !== ZONE) return [];
    const host = hostOf(resource);
    if (host === undefined) return resource.props.name === UNKNOWN ? [] : ["the record has no name"];
    const found = resource.type === ZONE ? zones.includes(host) : zoneOf(host, zones) !== undefined;
    return found ? [] : [`${host} is in no declared zone`];
  },
};

/** A DNS wildcard answers only for names that do not exist, with none between them and the zone (RFC 4592). */
export const hiddenWildcard: Rule = {
  id: "hidden-wildcard",
  description: "No record hides a wildcard from a site.",
  instead: "give the record a name that is at, above and below no site",
  check(resource, { zones, wildcards, sites }) {
    const host = resource.type === RECORD ? hostOf(resource) : undefined;
    const zone = host === undefined ? undefined : zoneOf(host, zones);
    if (host === undefined || zone === undefined || !wildcards.has(zone) || host === zone || host.startsWith("*."))
      return [];
    const leads = LEADING.has(resource.props.type);
    // What is below a site makes the site's name exist, which hides the wildcard from it.
    const hidden = sites.filter(
      (site) => site !== zone && (isIn(site, host) || isIn(host, site)) && !(leads && site === host),
    );
    if (hidden.length === 0) return [];
    const more = hidden.length > 1 ? ` and ${hidden.length - 1} more` : "";
    return [`the record ${host} hides *.${zone} from ${hidden[0]}${more}`];
  },
};
