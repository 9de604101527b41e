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
    noise: [
      { path: "name", same: ["case", "final-dot"], reason: "host names know no case, and a final dot says nothing" },
      {
        path: "content",
        same: ["case", "final-dot"],
        notIn: ["/TXT/", "/CAA/"],
        reason: "host names know no case, and a final dot says nothing",
      },
      { path: "content", same: ["quotes"], reason: "Cloudflare shows a text with quotes, a long one in several parts" },
      { path: "comment", same: ["empty"], reason: "no comment and an empty one are the same" },
      { path: "tags", same: ["empty", "order"], reason: "tags have no order" },
    ],
    adopt: (inputs, id) => ({ by: "import", id: `${inputs.zoneId}/${id}` }),
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
    adopt: (_, id) => ({ by: "import", id }),
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
    adopt: (inputs) => ({ by: "import", id: `${inputs.zoneId}/${inputs.settingId}` }),
    noise: [
      {
        path: "value",
        same: ["number-text", "on-off"],
        reason: "numbers and switches come back as texts for some settings",
      },
    ],
    repeatable: true,
  },
};
