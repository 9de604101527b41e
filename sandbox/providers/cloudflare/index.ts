import { defineProvider, string } from "../framework/index.ts";
import { CloudflareClient } from "./client.ts";
import { dnsRecord } from "./record.ts";
import { getZone, zone } from "./zone.ts";
import { zoneSetting } from "./zone-setting.ts";

/**
 * Stand-in for pulumi-cloudflare 6.17.0, which bridges provider 5.19.1: DNS records, zones, zone settings, and `getZone`.
 * Nothing else of it; only API tokens sign in (no key and e-mail); a record's `data` is not checked part by part.
 */
export const cloudflare = defineProvider<CloudflareClient>({
  name: "cloudflare",
  version: "6.17.0",
  config: {
    apiToken: string({ secret: true, env: ["CLOUDFLARE_API_TOKEN"] }),
    apiKey: string({ secret: true, env: ["CLOUDFLARE_API_KEY"] }),
    apiUserServiceKey: string({ secret: true, env: ["CLOUDFLARE_API_USER_SERVICE_KEY"] }),
    email: string({ env: ["CLOUDFLARE_EMAIL"] }),
    baseUrl: string({ env: ["CLOUDFLARE_BASE_URL"], default: "https://api.cloudflare.com/client/v4" }),
    userAgentOperatorSuffix: string(),
  },
  configure: (config) =>
    new CloudflareClient({
      baseUrl: String(config.baseUrl),
      ...(typeof config.apiToken === "string" ? { apiToken: config.apiToken } : {}),
    }),
  resources: {
    "cloudflare:index/dnsRecord:DnsRecord": dnsRecord,
    "cloudflare:index/zone:Zone": zone,
    "cloudflare:index/zoneSetting:ZoneSetting": zoneSetting,
  },
  functions: { "cloudflare:index/getZone:getZone": getZone },
});
