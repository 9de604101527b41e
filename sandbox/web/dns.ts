import type { Dns } from "./sources.ts";

/** Who answers at a name, judged by its DNS records alone. */
export type Destination =
  /** A record (or a delegation of the zone) leads to Vercel. */
  | "vercel"
  /** A record leads elsewhere: to the Plesk host. */
  | "host"
  /** There is no record. */
  | "none";

const VERCEL_NAMES = /(^|\.)(vercel-dns(-\d+)?\.com|vercel\.app)$/;
/** Addresses that Vercel gives out for apex domains: https://vercel.com/docs/domains/working-with-domains */
const VERCEL_ADDRESSES = /^(76\.76\.21\.|216\.198\.79\.|216\.150\.)/;

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/**
 * Follows a name's records, CNAMEs inside the sandbox's zones included.
 *
 * @param host lower case, punycode, without a trailing dot
 */
export function destinationOf(dns: Dns, host: string): Destination {
  let name = host;
  // Resolvers give up on long chains too; 8 is what most of them follow.
  for (let hops = 0; hops < 8; hops++) {
    const [alias] = dns.lookup(name, "CNAME");
    if (alias === undefined) break;
    name = bare(alias);
    if (VERCEL_NAMES.test(name)) return "vercel";
    if (isForeign(dns, name)) return "host";
  }
  const addresses = [...dns.lookup(name, "A"), ...dns.lookup(name, "AAAA")];
  if (addresses.some((address) => VERCEL_ADDRESSES.test(address))) return "vercel";
  if (addresses.length > 0) return "host";
  return delegatedToVercel(dns, host) ? "vercel" : "none";
}

/** A CNAME's target about which the sandbox's DNS knows nothing is outside of it, and taken to exist. */
function isForeign(dns: Dns, name: string): boolean {
  return ["CNAME", "A", "AAAA"].every((type) => dns.lookup(name, type).length === 0);
}

function delegatedToVercel(dns: Dns, host: string): boolean {
  const labels = host.split(".");
  return labels.some((_, index) =>
    dns.lookup(labels.slice(index).join("."), "NS").some((server) => VERCEL_NAMES.test(bare(server))),
  );
}
