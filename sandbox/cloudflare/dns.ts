import type { DnsView } from "../core/index.ts";
import type { DnsRecord } from "./record-set.ts";
import type { CloudflareState, Zone } from "./state.ts";

/** Answers names from the records of all zones, as an authoritative server would. */
export function createDnsView(get: () => CloudflareState): DnsView {
  return {
    lookup(name, type) {
      const host = name.toLowerCase().replace(/\.$/, "");
      const zone = zoneFor(get(), host);
      if (zone === undefined) return [];
      return recordsFor(zone, host)
        .filter((record) => record.type === type.toUpperCase())
        .map((record) => record.content);
    },
  };
}

/** The records that answer a name: its own, else those of the closest wildcard that nothing hides. */
function recordsFor(zone: Zone, host: string): DnsRecord[] {
  const own = zone.records.at(host);
  if (own.length > 0) return own;
  let name = host;
  while (name !== zone.name) {
    // A name that exists, even without the type asked for, ends the search (RFC 4592).
    if (zone.records.covers(name)) return [];
    const parent = name.slice(name.indexOf(".") + 1);
    const wild = zone.records.at(`*.${parent}`);
    if (wild.length > 0) return wild;
    name = parent;
  }
  return [];
}

function zoneFor(state: CloudflareState, host: string): Zone | undefined {
  let name = host;
  while (name !== "") {
    const zone = state.byName.get(name);
    if (zone !== undefined) return zone;
    const dot = name.indexOf(".");
    if (dot === -1) return undefined;
    name = name.slice(dot + 1);
  }
  return undefined;
}
