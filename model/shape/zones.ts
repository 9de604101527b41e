import { z } from "zod";
import { DEFAULT_DNS } from "../dns-vendors.ts";
import { FRAMEWORKS } from "../frameworks.ts";
import { Channel, Repository, RootDirectory, text, Words } from "./values.ts";

/** Values that Cloudflare takes for browser_cache_ttl (Cloudflare API, zone settings). */
const BROWSER_CACHE_TTL = [
  0, 30, 60, 120, 300, 1200, 1800, 3600, 7200, 10800, 14400, 18000, 28800, 43200, 57600, 72000, 86400, 172800, 259200,
  345600, 432000, 691200, 1382400, 2073600, 2678400, 5356800, 16070400, 31536000,
] as const;

/** A DNS record of a zone. */
export const RecordShape = z.strictObject({
  name: z.string().meta({ description: "Relative to the zone; @ is the apex.", examples: ["@", "_dmarc"] }),
  type: z.enum(["A", "AAAA", "CNAME", "MX", "NS", "TXT", "CAA"]).meta({ description: "Type of the record." }),
  content: text(/^[^\p{Cc}\u2028\u2029]{1,2048}$/u, "one line of 1 to 2048 characters").meta({
    description: "What the record answers; for CAA: flags, tag and value.",
    examples: ["203.0.113.7", "0 issue letsencrypt.org"],
  }),
  ttl: z.int().default(1).meta({ description: "Seconds; 1 = automatic." }),
  proxied: z.boolean().default(false).meta({ description: "Does Cloudflare answer in place of the content?" }),
  priority: z.int().min(0).max(65535).optional().meta({ description: "MX only: lower is asked first." }),
  comment: Words.max(100).optional().meta({ description: "Note kept at Cloudflare." }),
});

/** CDN settings of a zone. */
const CdnShape = z.strictObject({
  ssl: z
    .enum(["off", "flexible", "full", "strict"])
    .default("strict")
    .meta({ description: "How Cloudflare talks to the origin." }),
  minTlsVersion: z
    .enum(["1.0", "1.1", "1.2", "1.3"])
    .default("1.2")
    .meta({ description: "Oldest TLS for visitors; in quotes." }),
  alwaysUseHttps: z.boolean().default(true).meta({ description: "Redirect http to https." }),
  automaticHttpsRewrites: z.boolean().default(true).meta({ description: "Rewrite http links in pages." }),
  brotli: z.boolean().default(true).meta({ description: "Compress with Brotli." }),
  http3: z.boolean().default(true).meta({ description: "Offer HTTP/3." }),
  browserCacheTtl: z
    .literal(BROWSER_CACHE_TTL)
    .default(14400)
    .meta({ description: "Seconds a browser may keep what it got; 0 = as the origin says." }),
  cacheLevel: z
    .enum(["basic", "simplified", "aggressive"])
    .default("aggressive")
    .meta({ description: "What a query string means for the cache." }),
  securityLevel: z
    .enum(["essentially_off", "low", "medium", "high", "under_attack"])
    .default("medium")
    .meta({ description: "Who is challenged." }),
  advancedCertificates: z.boolean().default(false).meta({
    description:
      "The zone has Advanced Certificate Manager or Total TLS, so names two labels below the apex can be proxied.",
  }),
});

/** The project that answers for a wildcard. */
const CatchAllShape = z.strictObject({
  repository: Repository,
  rootDirectory: RootDirectory.default(""),
  framework: z
    .enum(FRAMEWORKS)
    .nullable()
    .default(null)
    .meta({ description: "Framework slug of Vercel; null = other." }),
  channel: Channel,
});

/** A zone. */
export const ZoneShape = z.strictObject({
  name: z.string().meta({ description: "The apex domain.", examples: ["qmoney.de"] }),
  kind: z.enum(["cname", "wildcard"]).meta({
    description:
      "cname: every host is attached to its project by name. wildcard: *.zone is a domain of the catchAll project.",
  }),
  dns: text(/^[a-z][a-z0-9-]{0,39}$/, "a vendor's name, such as cloudflare")
    .default(DEFAULT_DNS)
    .meta({ description: "The vendor that its DNS is at. Another name moves the zone there." }),
  mode: z
    .enum(["create", "existing", "skip"])
    .default("create")
    .meta({ description: "What to do with the zone at its DNS vendor." }),
  zoneId: text(/^[\w.:-]{1,128}$/, "the vendor's id of the zone")
    .optional()
    .meta({ description: "The vendor's id of an existing zone; without it the zone is looked up by name." }),
  plan: z
    .enum(["free", "pro", "business", "enterprise"])
    .default("free")
    .meta({ description: "Plan at the vendor; it decides the record limit." }),
  wildcard: z.boolean().default(true).meta({ description: "Does *.zone point at Vercel?" }),
  target: z.string().default("cname.vercel-dns.com").meta({ description: "What the wildcard points at." }),
  delegation: z.enum(["zone", "acme-challenge"]).optional().meta({
    description:
      "Kind wildcard: delegate the whole zone to Vercel's name servers, or only _acme-challenge. Default zone.",
  }),
  cdn: CdnShape.optional().meta({ description: "CDN settings, for zones that the vendor itself fronts." }),
  records: z.array(RecordShape).default([]).meta({ description: "Records beside the wildcard and those of services." }),
  catchAll: CatchAllShape.optional().meta({
    description: "Kind wildcard: the shared project that answers for all names without a site.",
  }),
});

/** zones.yaml. */
export const ZonesFile = z.strictObject({
  zones: z.array(ZoneShape).min(1).meta({ description: "The apex domains." }),
});
