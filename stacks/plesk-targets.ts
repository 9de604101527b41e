import { planRecord } from "../components/wildcard-zone/plan.ts";
import type { PleskState } from "./desired.ts";
import { PLESK_STACK } from "./names.ts";
import { chooseServices } from "./plesk-documents.ts";

const COMPONENT = "sitefleet:plesk:Service";

/** URNs of everything that belongs to these services: component, command, DNS record. Pure. @throws SitefleetError `service.unknown` */
export function targetsOf(state: PleskState, keys: readonly string[]): string[] {
  const urn = (type: string, name: string) => `urn:pulumi:${PLESK_STACK}::sitefleet::${type}::${name}`;
  return chooseServices(state, keys).flatMap(({ key, host, origin, proxied, zone }) => {
    const record = planRecord({ host, ...origin, ttl: 1, proxied }, "", true).name;
    return [
      urn(COMPONENT, key),
      urn(`${COMPONENT}$command:local:Command`, key),
      ...(zone === undefined ? [] : [urn(`${COMPONENT}$cloudflare:index/dnsRecord:DnsRecord`, record)]),
    ];
  });
}
