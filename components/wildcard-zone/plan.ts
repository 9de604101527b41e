import type { CdnSpec } from "../dns/dns.ts";
import type { RecordSpec } from "../dns/plan.ts";

/** What a zone is, as data. */
export interface ZoneSpec {
  /** Apex domain, e.g. `qmoney.de`. */
  readonly name: string;
  /** Name of the DNS vendor. @default the catalog's */
  readonly dns?: string;
  /** `create` makes the zone (protected against deletion), `existing` uses it, `skip` leaves the vendor alone. */
  readonly mode: "create" | "existing" | "skip";
  /** The vendor's id of an existing zone. @default looked up by name */
  readonly zoneId?: string;
  /** `cname`: names are attached to projects one by one. `wildcard`: a project answers for `*.zone`. */
  readonly kind: "cname" | "wildcard";
  /** Does `*.zone` lead to Vercel? */
  readonly wildcard: boolean;
  /** What the wildcard points at. */
  readonly target: string;
  /** Kind wildcard: `acme-challenge` delegates that name to Vercel by NS records; `zone` is done at the registrar. */
  readonly delegation?: "zone" | "acme-challenge";
  /** Settings of a zone that the vendor fronts. @default none */
  readonly cdn?: CdnSpec;
  /** @default [] */
  readonly records?: readonly RecordSpec[];
}

/** Vercel's name servers (https://vercel.com/docs/domains/working-with-nameservers). */
const VERCEL_NAME_SERVERS = ["ns1.vercel-dns.com", "ns2.vercel-dns.com"] as const;

/** All records of a zone: those that follow from its kind, and those that are declared; none where the vendor is left alone. Pure. */
export function recordsOfZone(spec: ZoneSpec): RecordSpec[] {
  return spec.mode === "skip" ? [] : [...ownRecords(spec), ...(spec.records ?? [])];
}

/** The records that follow from the zone's kind. */
function ownRecords(spec: ZoneSpec): RecordSpec[] {
  // With its name servers at Vercel the zone's records at the vendor are not asked for any more.
  if (spec.delegation === "zone") return [];
  const records: RecordSpec[] = [];
  // DNS only: a proxy in front of Vercel is advised against, and one record serves every name without one of its own.
  if (spec.wildcard) {
    records.push({ host: `*.${spec.name}`, type: "CNAME", content: spec.target, ttl: 1, proxied: false });
  }
  if (spec.delegation === "acme-challenge") {
    for (const content of VERCEL_NAME_SERVERS) {
      records.push({ host: `_acme-challenge.${spec.name}`, type: "NS", content, ttl: 3600, proxied: false });
    }
  }
  return records;
}
