import type { DnsRecordArgs, ZoneArgs, ZoneSettingArgs } from "@pulumi/cloudflare";
import { declared, left, type UndeclaredOf } from "../../components/undeclared/types.ts";

/** `cloudflare:index/zone:Zone`, read in terraform-provider-cloudflare 5.19.1, `services/zone`. */
export const zone = {
  paused: left("default", "the provider sends false; a zone paused by hand is drift"),
  type: declared("kept", "full: DNS is at Cloudflare"),
  vanityNameServers: left("kept", "a person's name servers stay"),
} satisfies UndeclaredOf<ZoneArgs>;

/** `cloudflare:index/zoneSetting:ZoneSetting`, read in terraform-provider-cloudflare 5.19.1, `services/zone_setting`. */
export const zoneSetting = {
  enabled: left("kept", "for ssl_recommender alone, which is not offered"),
  zoneId: declared("nothing", "the zone's"),
} satisfies UndeclaredOf<ZoneSettingArgs>;

/** `cloudflare:index/dnsRecord:DnsRecord`, read in terraform-provider-cloudflare 5.19.1, `services/dns_record`: an update is a PUT of the whole record. */
export const dnsRecord = {
  comment: left("null", "a record of the catalog has the catalog's comment; one set by hand is drift"),
  content: declared("kept", "of the catalog; a CAA record has data in its place"),
  data: declared("null", "for CAA records; others have content"),
  priority: declared("null", "for MX records"),
  privateRouting: left("null", "for the vendor's private networks, which are not used"),
  proxied: declared("default", "of the catalog; the provider's default is false"),
  settings: left("kept", "flattening and the like: what a person set stays"),
  tags: left("kept", "what a person set stays"),
  zoneId: declared("nothing", "the zone's"),
} satisfies UndeclaredOf<DnsRecordArgs>;
