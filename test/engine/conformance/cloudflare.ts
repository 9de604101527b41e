import { createCloudflare } from "../../../sandbox/cloudflare/index.ts";
import { createContext, serve } from "../../../sandbox/core/index.ts";
import type { Known, ProviderTable } from "./types.ts";
import type { World } from "./world.ts";
import { callApi } from "./world.ts";

const TOKEN = "conformance-cloudflare-token";
const ZONE = "rows.example";

async function world(): Promise<World> {
  const vendor = createCloudflare(
    createContext({ options: { cloudflare: { tokens: [TOKEN], zones: [{ name: ZONE }, { name: "other.example" }] } } }),
  );
  const served = await serve(vendor);
  const base = `${served.url}/client/v4`;
  const api: World["api"] = (method, path, body) => callApi(base, TOKEN, method, path, body);
  const zones = (await api("GET", "/zones")) as { result: { id: string; name: string; account: { id: string } }[] };
  const [zone, other] = [ZONE, "other.example"].map((name) => zones.result.find((item) => item.name === name)!);
  return {
    env: { CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_BASE_URL: base },
    facts: { zone: zone!.id, other: other!.id, account: zone!.account.id },
    api,
    leftovers: () => {
      const { zones, records } = vendor.inventory();
      const made = zones!.filter((item) => item.id !== zone!.id && item.id !== other!.id);
      return [...made, ...records!].map((item) => item.name);
    },
    stop: () => served.close(),
  };
}

const recordPath = ({ facts }: World, { id }: Known): string => `/zones/${facts.zone}/dns_records/${id}`;

/** Cloudflare, as pulumi-cloudflare 6.17.0 (provider 5.19.1) behaves. */
export const cloudflare: ProviderTable = {
  provider: "cloudflare",
  version: "6.17.0",
  world,
  types: [
    {
      type: "cloudflare:index/dnsRecord:DnsRecord",
      inputs: ({ facts }, tag) => {
        return {
          zoneId: facts.zone,
          name: `${tag}.${ZONE}`,
          type: "A",
          content: "192.0.2.1",
          ttl: 300,
          comment: "row",
        };
      },
      required: ["name", "ttl", "type"],
      invalid: [
        { name: "an unknown type", with: { type: "NOPE" }, says: /value must be one of/ },
        { name: "content and data", with: { data: { value: "x" } }, says: /cannot be specified when/ },
      ],
      failsLate: [
        {
          name: "a proxied record with a ttl",
          with: { proxied: true },
          says: /ttl must be set to 1 when `proxied` is true/,
        },
        { name: "no zone", with: { zoneId: undefined }, says: /missing required zone_id parameter/ },
      ],
      outputs: {
        proxied: false,
        proxiable: true,
        createdOn: /^\d{4}-/,
        modifiedOn: /^\d{4}-/,
        commentModifiedOn: /^\d{4}-/,
        meta: "{}",
      },
      unknown: ["createdOn", "modifiedOn", "proxiable", "meta", "commentModifiedOn", "settings", "tags"],
      changes: [
        {
          name: "content",
          to: { content: "192.0.2.2" },
          becomes: "update",
          unknown: ["modifiedOn"],
          outputs: { content: "192.0.2.2" },
        },
        { name: "ttl", to: { ttl: 600 }, becomes: "update" },
        { name: "comment", to: { comment: "other" }, becomes: "update" },
        { name: "no-comment", to: { comment: undefined }, becomes: "update" },
        { name: "proxied", from: { ttl: 1 }, to: { ttl: 1, proxied: true }, becomes: "update" },
        { name: "proxied-false", to: { proxied: false }, becomes: "same" },
        { name: "type", to: { type: "TXT", content: '"text"' }, becomes: "replace, create first" },
        {
          name: "cname-case",
          from: { type: "CNAME", content: "target.example.net" },
          to: { type: "CNAME", content: "Target.example.net" },
          becomes: "same",
        },
        {
          name: "priority",
          from: { type: "MX", content: "mx.example.net", priority: 10 },
          to: { type: "MX", content: "mx.example.net", priority: 20 },
          becomes: "update",
        },
      ],
      drifts: [
        {
          name: "changed by hand",
          happens: (world, known) => world.api("PATCH", recordPath(world, known), { content: "192.0.2.99" }),
          next: "update",
        },
        {
          name: "deleted by hand",
          happens: (world, known) => world.api("DELETE", recordPath(world, known)),
          next: "create",
        },
        { name: "nothing", happens: async () => {}, next: "same" },
      ],
      importId: ({ id, outputs }) => `${String(outputs.zoneId)}/${id}`,
    },
    {
      type: "cloudflare:index/zone:Zone",
      inputs: ({ facts }, tag) => ({ name: `${tag}.example`, account: { id: facts.account } }),
      required: ["account", "name"],
      invalid: [{ name: "an unknown type", with: { type: "half" }, says: /must be one of/ }],
      outputs: { paused: false, type: "full", status: /./, nameServers: [/./, /./] },
      unknown: ["nameServers", "status", "createdOn", "plan", "meta"],
      changes: [
        {
          name: "paused",
          to: { paused: true },
          becomes: "update",
          unknown: ["nameServers", "status"],
          outputs: { paused: true },
        },
        { name: "paused-false", to: { paused: false }, becomes: "same" },
        { name: "renamed", to: { name: "renamed.example" }, becomes: "replace, create first" },
      ],
      drifts: [
        {
          name: "paused by hand",
          happens: (world, { id }) => world.api("PATCH", `/zones/${id}`, { paused: true }),
          next: "update",
        },
        { name: "deleted by hand", happens: (world, { id }) => world.api("DELETE", `/zones/${id}`), next: "create" },
      ],
      importId: ({ id }) => id,
    },
    {
      type: "cloudflare:index/zoneSetting:ZoneSetting",
      inputs: ({ facts }) => ({ zoneId: facts.zone, settingId: "ssl", value: "strict" }),
      required: ["settingId", "value"],
      failsLate: [{ name: "no zone", with: { zoneId: undefined }, says: /missing required zone_id parameter/ }],
      outputs: { editable: true },
      unknown: ["editable", "modifiedOn", "timeRemaining"],
      changes: [
        {
          name: "value",
          from: { settingId: "min_tls_version", value: "1.0" },
          to: { settingId: "min_tls_version", value: "1.2" },
          becomes: "update",
          unknown: ["editable"],
        },
        {
          name: "number",
          from: { settingId: "browser_cache_ttl", value: 14400 },
          to: { settingId: "browser_cache_ttl", value: 1800 },
          becomes: "update",
        },
        {
          name: "setting",
          from: { settingId: "brotli", value: "on" },
          to: { settingId: "always_use_https", value: "on" },
          becomes: "replace, create first",
        },
      ],
      drifts: [
        {
          name: "changed by hand",
          from: { settingId: "tls_1_3", value: "on" },
          happens: (world) => world.api("PATCH", `/zones/${world.facts.zone}/settings/tls_1_3`, { value: "off" }),
          next: "update",
        },
      ],
      importId: ({ id, outputs }) => `${String(outputs.zoneId)}/${id}`,
      stays: true,
    },
  ],
};
