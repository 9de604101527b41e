import type { StateResource } from "../../../../../fleet/backend/states/checkpoint.ts";

const PROJECT = "urn:pulumi:s::sitefleet";
const urnOf = (type: string, name: string) => `${PROJECT}::${type}::${name}`;

/** A resource of a state. */
export function resource(
  type: string,
  name: string,
  more: { parent?: readonly [type: string, name: string]; protect?: boolean } = {},
): StateResource {
  const { parent, protect } = more;
  return {
    urn: urnOf(type, name),
    type,
    ...(parent ? { parent: urnOf(...parent) } : {}),
    ...(protect ? { protect } : {}),
  } as StateResource;
}

export const SITE = "sitefleet:vercel:Site";
export const SERVICE = "sitefleet:plesk:Service";
export const ZONE = "sitefleet:cloudflare:WildcardZone";
export const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
export const SECRET = "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret";
