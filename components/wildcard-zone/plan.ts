import type { ZoneArgs, ZoneSettingArgs } from "@pulumi/cloudflare";
import type { Input } from "@pulumi/pulumi";
import { type PlannedRecord, planRecords, type RecordSpec } from "../dns-records/plan.ts";

/** What a zone is, as data. */
export interface ZoneSpec {
  /** Apex domain, e.g. `qmoney.de`. */
  readonly name: string;
  /** `create` makes the zone (protected against deletion), `existing` uses it, `skip` leaves Cloudflare alone. */
  readonly mode: "create" | "existing" | "skip";
  /** Cloudflare's id of an existing zone. @default looked up by name */
  readonly zoneId?: string;
  /** `cname`: names are attached to projects one by one. `wildcard`: a project answers for `*.zone`. */
  readonly kind: "cname" | "wildcard";
  /** Does `*.zone` lead to Vercel? */
  readonly wildcard: boolean;
  /** What the wildcard points at. */
  readonly target: string;
  /** Kind wildcard: `acme-challenge` delegates that name to Vercel by NS records; `zone` is done at the registrar. */
  readonly delegation?: "zone" | "acme-challenge";
  /** Settings of a zone that Cloudflare fronts, by Cloudflare's setting id. @default none */
  readonly cdn?: Readonly<Record<string, string | number | boolean>>;
  /** @default [] */
  readonly records?: readonly RecordSpec[];
}

/** A child's logical name and its arguments. */
interface Planned<Args> {
  readonly name: string;
  readonly args: Args;
}

/** The arguments of a zone's children. */
export interface ZonePlan {
  /** Only for mode `create`. */
  readonly zone?: ZoneArgs;
  records(zoneId: Input<string>): PlannedRecord[];
  settings(zoneId: Input<string>): Planned<ZoneSettingArgs>[];
}

/** Vercel's name servers (https://vercel.com/docs/domains/working-with-nameservers). */
const VERCEL_NAME_SERVERS = ["ns1.vercel-dns.com", "ns2.vercel-dns.com"] as const;

/** Cloudflare's ids of the settings that the catalog names (https://developers.cloudflare.com/api, zones/settings). */
const SETTING_IDS: Readonly<Record<string, string>> = {
  ssl: "ssl",
  minTlsVersion: "min_tls_version",
  alwaysUseHttps: "always_use_https",
  automaticHttpsRewrites: "automatic_https_rewrites",
  brotli: "brotli",
  http3: "http3",
  browserCacheTtl: "browser_cache_ttl",
  cacheLevel: "cache_level",
  securityLevel: "security_level",
};

/** Plans a zone's children. Pure. */
export function planZone(spec: ZoneSpec, accountId: Input<string>): ZonePlan {
  if (spec.mode === "skip") return { records: () => [], settings: () => [] };
  return {
    ...(spec.mode === "create" ? { zone: { name: spec.name, account: { id: accountId }, type: "full" } } : {}),
    records: (zoneId) => planRecords(recordsOfZone(spec), zoneId),
    settings: (zoneId) =>
      Object.entries(spec.cdn ?? {})
        .filter(([key]) => SETTING_IDS[key] !== undefined)
        .map(([key, value]) => ({
          name: `${spec.name}/${SETTING_IDS[key]}`,
          args: {
            zoneId,
            settingId: SETTING_IDS[key] as string,
            value: typeof value === "boolean" ? (value ? "on" : "off") : value,
          },
        })),
  };
}

/** All records of a zone: those that follow from its kind, and those that are declared; none where Cloudflare is left alone. Pure. */
export function recordsOfZone(spec: ZoneSpec): RecordSpec[] {
  return spec.mode === "skip" ? [] : [...ownRecords(spec), ...(spec.records ?? [])];
}

/** The records that follow from the zone's kind. */
function ownRecords(spec: ZoneSpec): RecordSpec[] {
  // With its name servers at Vercel the zone's records at Cloudflare are not asked for any more.
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
