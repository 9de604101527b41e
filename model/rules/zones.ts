import { getDomain } from "tldts";
import { DEFAULT_DNS } from "../dns-vendors.ts";
import type { Draft } from "../draft.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { Zone } from "../types.ts";
import type { LimitOf } from "./limits.ts";
import { recordRules } from "./records.ts";

/** What zones must hold to. */
export function zoneRules(draft: Draft, report: Report, limitOf: LimitOf): void {
  const seen = new Map<string, number>();
  const ids = new Map<string, string>();
  for (const entry of draft.zones ?? []) {
    const { name, zoneId } = entry.value;
    const owner = zoneId === undefined ? undefined : ids.get(zoneId);
    if (owner !== undefined)
      report("zone.zone-id", entry.at("zoneId"), `is the id of ${owner} too`, "an id of its own");
    if (zoneId !== undefined) ids.set(zoneId, name);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, entry.at("name").line);
    else
      report(
        "zone.unique",
        entry.at("name"),
        `${show(name)} is declared a second time, first in line ${first}`,
        "once",
      );
    checkName(entry, report);
    checkKind(entry, report);
    recordRules(entry, report);
    checkNames(entry, draft, report);
    checkCount(entry, draft, report, limitOf);
  }
}

function checkName(entry: Entry<Zone>, report: Report): void {
  const { name, mode, zoneId, dns } = entry.value;
  if (dns === DEFAULT_DNS && zoneId !== undefined && !/^[0-9a-f]{32}$/.test(zoneId))
    report("zone.zone-id", entry.at("zoneId"), `${show(zoneId)} is no id of Cloudflare's`, "32 hex digits");
  // Private suffixes (such as github.io) are domains to Cloudflare, so only ICANN's count.
  const domain = getDomain(name, { allowPrivateDomains: false, validateHostname: false });
  if (domain !== name) {
    const allowed = domain === null ? "a domain below a public suffix" : show(domain);
    report("zone.registrable", entry.at("name"), `${show(name)} is no registrable domain`, allowed);
  }
  if (mode === "create" && zoneId !== undefined) {
    report(
      "zone.zone-id",
      entry.at("zoneId"),
      "is given for a zone that is to be created",
      "mode: existing, or no zoneId",
    );
  }
}

function checkKind(entry: Entry<Zone>, report: Report): void {
  const { kind, wildcard, catchAll, delegation, cdn, records } = entry.value;
  if (kind === "wildcard") {
    if (!wildcard)
      report("zone.wildcard-kind", entry.at("wildcard"), "is false in a zone of kind wildcard", "true, or kind: cname");
    if (!catchAll)
      report("zone.catch-all", entry.at("catchAll"), "is missing", "the shared project that holds the wildcard domain");
  } else {
    if (catchAll)
      report(
        "zone.catch-all",
        entry.at("catchAll"),
        "is given in a zone of kind cname",
        "kind: wildcard, or no catchAll",
      );
    if (delegation)
      report("zone.delegation", entry.at("delegation"), "is given in a zone of kind cname", "kind: wildcard, or none");
  }
  if (delegation === "zone" && records.length > 0) {
    const wrong = "are declared in a zone whose name servers are Vercel's, so no resolver asks for them";
    report("zone.delegation", entry.at("records"), wrong, "no records, or delegation: acme-challenge");
  }
  if (cdn && wildcard) {
    const wrong = "is given in a zone whose wildcard points at Vercel, where no proxy belongs";
    report("zone.cdn", entry.at("cdn"), wrong, "wildcard: false, or no cdn");
  }
}

/** Names that are used twice: by the zone itself, or by a CNAME that must be alone. */
function checkNames(entry: Entry<Zone>, draft: Draft, report: Report): void {
  const { name: zone, wildcard, delegation, records } = entry.value;
  const services = (draft.services ?? []).filter((service) => service.value.zone === zone);
  const originOf = (server: string) => draft.hosts?.find(({ value }) => value.key === server)?.value.origin.type;
  for (const [index, record] of records.entries()) {
    const place = entry.at("records", index, "name");
    if (wildcard && record.name === "*") {
      report("record.reserved", place, `"*" is what wildcard: true declares`, "wildcard: false, or no such record");
    }
    if (delegation === "acme-challenge" && record.name === "_acme-challenge") {
      report("record.reserved", place, "is what delegation: acme-challenge declares", "no such record");
    }
    const apex = record.name === "@";
    // Cloudflare flattens a CNAME at the apex, so there only addresses stand against it.
    const clashes = (type: string) => !apex || type === "A" || type === "AAAA" || type === "CNAME";
    const others = records.filter((other, at) => at !== index && other.host === record.host && clashes(other.type));
    if (record.type === "CNAME" && others.length > 0) {
      report(
        "record.cname",
        place,
        `${show(record.host)} has a CNAME and ${others.map((other) => other.type).join(", ")}`,
        "a CNAME alone",
      );
    }
    const service = services.find((candidate) => candidate.value.host === record.host);
    const origin = service && originOf(service.value.server);
    const clash = record.type === "CNAME" || (clashes(record.type) && (origin === "CNAME" || record.type === origin));
    if (service && clash) {
      const wrong = `${show(record.host)} is the host of service ${service.value.key}, which declares ${origin ?? "its record"}`;
      report("record.cname", place, wrong, "no such record beside it");
    }
  }
}

function checkCount(entry: Entry<Zone>, draft: Draft, report: Report, limitOf: LimitOf): void {
  const { name, wildcard, delegation, records, plan, mode, dns } = entry.value;
  if (mode === "skip" || delegation === "zone" || dns !== DEFAULT_DNS) return;
  const services = (draft.services ?? []).filter((service) => service.value.zone === name).length;
  // The delegation of _acme-challenge is two NS records.
  const count = records.length + services + (wildcard ? 1 : 0) + (delegation === "acme-challenge" ? 2 : 0);
  const limit = limitOf(`${dns}.zone-records`, plan);
  if (count > limit) {
    report(
      "zone.record-limit",
      entry.at("records"),
      `the zone would have ${count} records`,
      `at most ${limit} on plan ${plan}`,
    );
  }
}
