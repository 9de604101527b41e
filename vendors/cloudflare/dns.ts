import type * as cloudflare from "@pulumi/cloudflare";
// One by one: the package as a whole loads all of its 600 modules, which costs each runner 0.25 CPU seconds.
import { DnsRecord } from "@pulumi/cloudflare/dnsRecord.js";
import { getZoneOutput } from "@pulumi/cloudflare/getZone.js";
import { Zone } from "@pulumi/cloudflare/zone.js";
import { ZoneSetting } from "@pulumi/cloudflare/zoneSetting.js";
import type { Input } from "@pulumi/pulumi";
import type { Dns } from "../../components/dns/dns.ts";
import { type Transform, transformed } from "../../components/transform.ts";
import { recordArgs, settingArgs, zoneArgs } from "./dns-plan.ts";

/** Options of {@link cloudflareDns}. */
export interface CloudflareDnsOptions {
  /** Account that new zones are made in. */
  readonly accountId: Input<string>;
  /** Changes a resource's arguments or options just before it is created. @default none */
  readonly transform?: {
    readonly zone?: Transform<cloudflare.ZoneArgs>;
    readonly record?: Transform<cloudflare.DnsRecordArgs>;
    readonly setting?: Transform<cloudflare.ZoneSettingArgs>;
  };
}

/**
 * Zones, records and CDN settings at Cloudflare. Free on every plan.
 *
 * @example
 * const vendor = cloudflareDns({ accountId, transform: { record: (args) => ({ ...args, comment: "ours" }) } });
 * new WildcardZone("qmoney.de", { name: "qmoney.de", …, vendor }, { providers: { cloudflare: provider } });
 */
export function cloudflareDns({ accountId, transform }: CloudflareDnsOptions): Dns {
  return {
    zone: (name, zone, opts) => new Zone(...transformed(transform?.zone, name, zoneArgs(zone, accountId), opts)).id,
    lookUp(name, opts) {
      const found = getZoneOutput({ filter: { name } }, opts);
      return found.apply((zone) => zone.zoneId ?? zone.id);
    },
    record(name, record, zoneId, opts) {
      const args = recordArgs(record, zoneId);
      return new DnsRecord(...transformed(transform?.record, name, args, opts));
    },
    settings(zone, cdn, zoneId, opts) {
      for (const { name, args } of settingArgs(zone, cdn, zoneId))
        new ZoneSetting(...transformed(transform?.setting, name, args, opts));
    },
  };
}
