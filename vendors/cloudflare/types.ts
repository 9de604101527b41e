import type { ResourceType } from "../vendor.ts";
import { dnsRecord, zone } from "./live.ts";
import * as undeclared from "./undeclared.ts";

const ZONE = "/client/v4/zones/*";

/** Cloudflare's resource types. */
export const types: Readonly<Record<string, ResourceType>> = {
  "cloudflare:index/dnsRecord:DnsRecord": {
    role: "record",
    undeclared: undeclared.dnsRecord,
    calls: {
      create: [`POST ${ZONE}/dns_records`],
      read: [`GET ${ZONE}/dns_records/*`],
      update: [`PUT ${ZONE}/dns_records/*`],
      delete: [`DELETE ${ZONE}/dns_records/*`],
      source: "terraform-provider-cloudflare 5.22 internal/services/dns_record/resource.go",
    },
    live: dnsRecord,
  },
  "cloudflare:index/zone:Zone": {
    role: "zone",
    undeclared: undeclared.zone,
    calls: {
      create: ["POST /client/v4/zones"],
      read: [`GET ${ZONE}`],
      update: [`PATCH ${ZONE}`],
      delete: [`DELETE ${ZONE}`],
      source: "terraform-provider-cloudflare 5.22 internal/services/zone/resource.go",
    },
    losses: { gone: "a deleted zone comes back with other name servers, without records made by hand" },
    live: zone,
  },
  "cloudflare:index/zoneSetting:ZoneSetting": {
    role: "zone-setting",
    undeclared: undeclared.zoneSetting,
    calls: {
      create: [`PATCH ${ZONE}/settings/*`],
      read: [`GET ${ZONE}/settings/*`],
      update: [`PATCH ${ZONE}/settings/*`],
      delete: [],
      source: "terraform-provider-cloudflare 5.22 internal/services/zone_setting/resource.go",
    },
    repeatable: true,
  },
};
