import { planRecords } from "../components/dns/plan.ts";
import { recordOfService } from "../components/plesk-service/record.ts";
import { COMPONENT } from "../components/tokens.ts";
import { dnsOf } from "../vendors/index.ts";
import type { PleskState } from "./desired.ts";
import { PLESK_STACK } from "./names.ts";
import { chooseServices } from "./plesk-documents.ts";

const SERVICE = COMPONENT.service;

/** URNs of everything that belongs to these services: component, command, DNS record. Pure. @throws SitefleetError `service.unknown` */
export function targetsOf(state: PleskState, keys: readonly string[]): string[] {
  const urn = (type: string, name: string) => `urn:pulumi:${PLESK_STACK}::sitefleet::${type}::${name}`;
  return chooseServices(state, keys).flatMap((service) => {
    const records = service.zone === undefined ? [] : planRecords([recordOfService(service)]);
    return [
      urn(SERVICE, service.key),
      urn(`${SERVICE}$command:local:Command`, service.key),
      ...records.map(({ name }) => urn(`${SERVICE}$${dnsOf(service).type("record")}`, name)),
    ];
  });
}
