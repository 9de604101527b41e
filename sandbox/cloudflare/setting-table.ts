import type { ZonePlan } from "../core/index.ts";

/** One zone setting: what it starts as, what it takes, which plan may change it. */
export interface SettingRule {
  readonly initial: unknown;
  readonly accepts: (value: unknown) => boolean;
  /** Lowest plan that may change it. @default free */
  readonly plan?: ZonePlan;
  /** Never changed over the API. */
  readonly readOnly?: boolean;
}

const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
const onOff = oneOf("on", "off");
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);
const toggle = (initial: "on" | "off", plan?: ZonePlan): SettingRule =>
  plan === undefined ? { initial, accepts: onOff } : { initial, accepts: onOff, plan };

/** Seconds that `browser_cache_ttl` takes (API reference, "Zone settings"). */
const BROWSER_TTL = [
  0, 30, 60, 120, 300, 1200, 1800, 3600, 7200, 10_800, 14_400, 18_000, 28_800, 43_200, 57_600, 72_000, 86_400, 172_800,
  259_200, 345_600, 432_000, 691_200, 1_382_400, 2_073_600, 2_678_400, 5_356_800, 16_070_400, 31_536_000,
];

/** Seconds that `challenge_ttl` takes. */
const CHALLENGE_TTL = [
  300, 900, 1800, 2700, 3600, 7200, 10_800, 14_400, 28_800, 57_600, 86_400, 604_800, 2_592_000, 31_536_000,
];

/** Settings and their values after the API reference, "Zone settings"; defaults of a new zone on the free plan. */
export const SETTINGS: Readonly<Record<string, SettingRule>> = {
  "0rtt": toggle("off"),
  advanced_ddos: { initial: "on", accepts: onOff, readOnly: true },
  always_online: toggle("off"),
  always_use_https: toggle("off"),
  automatic_https_rewrites: toggle("on"),
  brotli: toggle("on"),
  browser_cache_ttl: { initial: 14_400, accepts: oneOf(...BROWSER_TTL) },
  browser_check: toggle("on"),
  cache_level: { initial: "aggressive", accepts: oneOf("aggressive", "basic", "simplified") },
  challenge_ttl: { initial: 1800, accepts: oneOf(...CHALLENGE_TTL) },
  ciphers: { initial: [], accepts: Array.isArray },
  cname_flattening: { initial: "flatten_at_root", accepts: oneOf("flatten_at_root", "flatten_all"), plan: "pro" },
  development_mode: toggle("off"),
  early_hints: toggle("off"),
  email_obfuscation: toggle("on"),
  h2_prioritization: { initial: "off", accepts: oneOf("on", "off", "custom"), plan: "pro" },
  hotlink_protection: toggle("off"),
  http2: toggle("on", "pro"),
  http3: toggle("on"),
  ip_geolocation: toggle("on"),
  ipv6: toggle("on"),
  max_upload: { initial: 100, accepts: (value) => Number.isInteger(value) && Number(value) >= 1 },
  min_tls_version: { initial: "1.0", accepts: oneOf("1.0", "1.1", "1.2", "1.3") },
  mirage: toggle("off", "pro"),
  opportunistic_encryption: toggle("on"),
  opportunistic_onion: toggle("on"),
  orange_to_orange: toggle("off", "enterprise"),
  origin_error_page_pass_thru: toggle("off", "enterprise"),
  polish: { initial: "off", accepts: oneOf("off", "lossless", "lossy"), plan: "pro" },
  prefetch_preload: toggle("off", "enterprise"),
  privacy_pass: toggle("on"),
  pseudo_ipv4: { initial: "off", accepts: oneOf("off", "add_header", "overwrite_header") },
  response_buffering: toggle("off", "enterprise"),
  rocket_loader: toggle("off"),
  security_header: {
    initial: {
      strict_transport_security: {
        enabled: false,
        max_age: 0,
        include_subdomains: false,
        preload: false,
        nosniff: false,
      },
    },
    accepts: (value) => isObject(value) && isObject((value as Record<string, unknown>).strict_transport_security),
  },
  security_level: {
    initial: "medium",
    accepts: oneOf("off", "essentially_off", "low", "medium", "high", "under_attack"),
  },
  server_side_exclude: toggle("on"),
  sort_query_string_for_cache: toggle("off", "enterprise"),
  ssl: { initial: "full", accepts: oneOf("off", "flexible", "full", "strict", "origin_pull") },
  tls_1_2_only: toggle("off"),
  tls_1_3: { initial: "on", accepts: oneOf("on", "off", "zrt") },
  tls_client_auth: toggle("off"),
  true_client_ip_header: toggle("off", "enterprise"),
  waf: toggle("off", "pro"),
  webp: toggle("off", "pro"),
  websockets: toggle("on"),
};

const RANK: Readonly<Record<ZonePlan, number>> = { free: 0, pro: 1, business: 2, enterprise: 3 };

/** Whether a zone on this plan may change the setting. */
export function isEditable(rule: SettingRule, plan: ZonePlan): boolean {
  return rule.readOnly !== true && RANK[plan] >= RANK[rule.plan ?? "free"];
}
