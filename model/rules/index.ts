import type { DnsVendorFacts } from "../dns-vendors.ts";
import type { Draft } from "../draft.ts";
import type { Report } from "../problem.ts";
import { checkRules as healthRules } from "./checks.ts";
import { dnsRules } from "./dns.ts";
import { flowRules } from "./flows.ts";
import { gateRules } from "./gates.ts";
import { hostRules } from "./hosts.ts";
import { limitReader, limitRules } from "./limits.ts";
import { notifyRules } from "./notify.ts";
import { priceRules } from "./prices.ts";
import { qualityRules } from "./quality.ts";
import { rolloutRules } from "./rollout.ts";
import { secretRules } from "./secrets.ts";
import { serverRules } from "./servers.ts";
import { serviceRules } from "./services.ts";
import { siteRules } from "./sites.ts";
import { wildcardRules } from "./wildcard.ts";
import { zoneRules } from "./zones.ts";

/** Runs every rule on what could be read. */
export function checkRules(draft: Draft, report: Report, dns?: readonly DnsVendorFacts[]): void {
  const limitOf = limitReader(draft, report);
  limitRules(draft, report);
  zoneRules(draft, report, limitOf);
  if (dns) dnsRules(draft, report, dns);
  hostRules(draft, report);
  wildcardRules(draft, report);
  siteRules(draft, report, limitOf);
  serverRules(draft, report, limitOf);
  serviceRules(draft, report);
  secretRules(draft, report, limitOf);
  healthRules(draft, report);
  rolloutRules(draft, report);
  priceRules(draft, report);
  notifyRules(draft, report);
  gateRules(draft, report);
  flowRules(draft, report);
  qualityRules(draft, report);
}
