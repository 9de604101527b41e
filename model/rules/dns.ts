import type { DnsVendorFacts } from "../dns-vendors.ts";
import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";

/** What zones must hold to, by the DNS vendors that there are. */
export function dnsRules(draft: Draft, report: Report, vendors: readonly DnsVendorFacts[]): void {
  const names = vendors.map(({ name }) => name).sort();
  for (const { value, at } of draft.zones ?? []) {
    const vendor = vendors.find(({ name }) => name === value.dns);
    if (vendor === undefined) {
      report("zone.dns", at("dns"), `${show(value.dns)} is no DNS vendor`, `one of ${names.join(", ")}`);
      continue;
    }
    if (vendor.cdn) continue;
    const wrong = `is given in a zone at ${vendor.name}, which has no CDN`;
    if (value.cdn) report("zone.dns", at("cdn"), wrong, "no cdn, or another vendor");
    for (const [index, { proxied }] of value.records.entries())
      if (proxied) report("zone.dns", at("records", index, "proxied"), wrong, "proxied: false, or another vendor");
  }
}
