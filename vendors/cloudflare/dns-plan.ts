import type { DnsRecordArgs, ZoneArgs, ZoneSettingArgs } from "@pulumi/cloudflare";
import type { Input } from "@pulumi/pulumi";
import type { CdnSpec } from "../../components/dns/dns.ts";
import type { RecordSpec } from "../../components/dns/plan.ts";
import { caaData } from "../../model/dns.ts";
import { objectOf, type Props, textOf } from "../live.ts";

/** Cloudflare's ids of the settings that the catalog names (https://developers.cloudflare.com/api, zones/settings). */
export const SETTING_IDS: Readonly<Record<string, string>> = {
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

/** The arguments of a zone. Pure. */
export const zoneArgs = (name: string, accountId: Input<string>): ZoneArgs => ({
  name,
  account: { id: accountId },
  type: "full",
});

/** The arguments of a record. Pure. */
export function recordArgs(record: RecordSpec, zoneId: Input<string>): DnsRecordArgs {
  const caa = record.type === "CAA" ? caaData(record.content) : undefined;
  return {
    zoneId,
    name: record.host,
    type: record.type,
    ttl: record.ttl,
    proxied: record.proxied,
    ...(caa ? { data: { ...caa } } : { content: record.content }),
    priority: record.priority,
    comment: record.comment,
  };
}

/** The record that inputs in a state declare, as far as records stand in each other's way. Pure. */
export function recordOf(inputs: Props): RecordSpec {
  const caa = objectOf(inputs, "data");
  const { priority } = inputs;
  return {
    host: String(inputs.name),
    type: String(inputs.type),
    content: textOf(inputs, "content") ?? (caa ? `${caa.flags} ${caa.tag} "${caa.value}"` : ""),
    ttl: 1,
    proxied: false,
    priority: typeof priority === "number" ? priority : undefined,
  };
}

/** The settings of a zone, each with its logical name. Pure. */
export function settingArgs(
  zone: string,
  cdn: CdnSpec,
  zoneId: Input<string>,
): { readonly name: string; readonly args: ZoneSettingArgs }[] {
  return Object.entries(cdn).flatMap(([key, value]) => {
    const settingId = SETTING_IDS[key];
    if (settingId === undefined) return [];
    const sent = typeof value === "boolean" ? (value ? "on" : "off") : value;
    return [{ name: `${zone}/${settingId}`, args: { zoneId, settingId, value: sent } }];
  });
}
