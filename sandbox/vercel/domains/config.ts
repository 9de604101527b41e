import type { Api } from "../api.ts";
import { apexOf, listed } from "./names.ts";

/** Address and name that Vercel asks people to point their DNS at. */
const IPV4 = "76.76.21.21";
const CNAME = "cname.vercel-dns.com";

/** What `GET /v6/domains/{domain}/config` answers. */
export function domainConfig(api: Api, name: string): Record<string, unknown> {
  const wildcard = name.startsWith("*.");
  const { misconfigured, check } = api.behaviour().domains;
  const dns = api.context.dns;
  const cnames = dns?.lookup(name, "CNAME") ?? [];
  const aValues = dns?.lookup(name, "A") ?? [];
  const delegated = isDelegated(api, name);
  const found = delegated || (wildcard ? false : cnames.some(isVercelName) || aValues.includes(IPV4));
  const bad = listed(misconfigured, name) || (check === "dns" && !found);
  return {
    configuredBy: bad ? null : delegated ? "dns-01" : aValues.includes(IPV4) ? "A" : "CNAME",
    nameservers: dns?.lookup(apexOf(name), "NS") ?? [],
    serviceType: "external",
    cnames,
    aValues,
    conflicts: [],
    acceptedChallenges: bad ? [] : wildcard ? ["dns-01"] : ["dns-01", "http-01"],
    ipStatus: null,
    recommendedIPv4: [{ rank: 1, value: [IPV4] }],
    recommendedCNAME: [{ rank: 1, value: `${CNAME}.` }],
    misconfigured: bad,
  };
}

/** True when Vercel answers for the zone, or for its certificates' challenge. */
function isDelegated(api: Api, name: string): boolean {
  const apex = apexOf(name);
  const plain = name.startsWith("*.") ? name.slice(2) : name;
  const servers = [apex, `_acme-challenge.${plain}`].flatMap((host) => api.context.dns?.lookup(host, "NS") ?? []);
  return servers.some(isVercelName);
}

function isVercelName(host: string): boolean {
  return /(^|\.)vercel-dns(-\d+)?\.com\.?$/.test(host.toLowerCase());
}
