import { namesBelowZone } from "../dns.ts";
import type { Draft } from "../draft.ts";
import { type Place, type Report, show } from "../problem.ts";
import type { Site, Zone } from "../types.ts";

/** Something that makes a name exist. */
interface Holder {
  readonly place: Place;
  readonly what: string;
}

/**
 * A DNS wildcard answers only for names that do not exist and have no existing name between them and the zone (RFC 4592).
 * Any record makes its own name exist, and every name above it: `x.y.zone` hides the wildcard from `y.zone`.
 */
export function wildcardRules(draft: Draft, report: Report): void {
  if (!draft.zones) return;
  const sites = new Map<string, { site: Site; place: Place }[]>();
  for (const entry of draft.sites ?? []) {
    const list = sites.get(entry.value.zone) ?? [];
    list.push({ site: entry.value, place: entry.at("name") });
    sites.set(entry.value.zone, list);
  }
  for (const entry of draft.zones) {
    const zone = entry.value;
    const inZone = sites.get(zone.name) ?? [];
    const answering = answeringHosts(zone);
    const wildcard = zone.wildcard || answering.has(`*.${zone.name}`);
    if (wildcard) checkHidden(draft, zone, entry.at, inZone, report);
    checkCovered(zone, wildcard, answering, inZone, report);
  }
}

function checkHidden(
  draft: Draft,
  zone: Zone,
  at: (...path: (string | number)[]) => Place,
  sites: readonly { site: Site }[],
  report: Report,
): void {
  const holders = new Map<string, Holder[]>();
  const hold = (host: string, holder: Holder) => {
    for (const name of namesBelowZone(host, zone.name)) {
      const list = holders.get(name);
      if (list) list.push(holder);
      else holders.set(name, [holder]);
    }
  };
  for (const [index, record] of zone.records.entries()) {
    hold(record.host, { place: at("records", index, "name"), what: `${record.type} record ${show(record.host)}` });
  }
  for (const { value, at: placeOf } of draft.services ?? []) {
    hold(value.host, { place: placeOf("host"), what: `service ${value.key} at ${show(value.host)}` });
  }
  if (holders.size === 0) return;
  const hidden = new Map<Holder, Site[]>();
  for (const { site } of sites) {
    const found = new Set(namesBelowZone(site.host, zone.name).flatMap((name) => holders.get(name) ?? []));
    for (const holder of found) hidden.set(holder, [...(hidden.get(holder) ?? []), site]);
  }
  for (const [holder, sitesHidden] of hidden) {
    const more = sitesHidden.length > 1 ? ` and ${sitesHidden.length - 1} more` : "";
    const wrong = `${holder.what} hides *.${zone.name} from site ${show(sitesHidden[0]?.host)} (line ${sitesHidden[0]?.line})${more}`;
    report("record.hides-wildcard", holder.place, wrong, "no record at a site's name, above it, or below it");
  }
}

/** Hosts for which a declared record leads somewhere. */
function answeringHosts(zone: Zone): Set<string> {
  const answers = zone.records.filter(({ type }) => type === "A" || type === "AAAA" || type === "CNAME");
  return new Set(answers.map((record) => record.host));
}

function checkCovered(
  zone: Zone,
  wildcard: boolean,
  answering: ReadonlySet<string>,
  sites: readonly { site: Site; place: Place }[],
  report: Report,
): void {
  for (const { site, place } of sites) {
    const apex = site.name === "@";
    // A zone that is skipped, or is Vercel's altogether, has its DNS elsewhere.
    const elsewhere = zone.mode === "skip" || zone.delegation === "zone";
    if (!elsewhere && (apex || !wildcard) && !answering.has(site.host)) {
      const wrong = apex ? "the wildcard does not answer for the apex" : `${zone.name} has no wildcard`;
      report("site.dns", place, wrong, `an A, AAAA or CNAME record for ${show(site.host)}, or another name`);
    }
    if (zone.kind === "wildcard" && !apex && site.name.includes(".")) {
      const wrong = `${show(site.name)} has more than one label in a zone of kind wildcard`;
      report("site.one-label", place, wrong, "one label: Vercel's wildcard and its certificate cover no more");
    }
  }
}
