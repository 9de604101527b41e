import type { Framework } from "./frameworks.ts";

/** Plan of a Cloudflare zone. */
export type ZonePlan = "free" | "pro" | "business" | "enterprise";

/** A DNS record that the catalog declares. */
export interface DnsRecord {
  /** Relative to the zone, as written, in punycode: `@`, `www`, `_dmarc`, `*.preview`. */
  readonly name: string;
  /** The full name, without a trailing dot. */
  readonly host: string;
  readonly type: RecordType;
  /** For CAA `<flags> <tag> <value>`, see `caaData`. */
  readonly content: string;
  /** Seconds; 1 = automatic. @default 1 */
  readonly ttl: number;
  /** @default false */
  readonly proxied: boolean;
  /** MX only. */
  readonly priority?: number;
  readonly comment?: string;
}

/** Record types that can be declared. */
export type RecordType = "A" | "AAAA" | "CNAME" | "MX" | "NS" | "TXT" | "CAA";

/** CDN settings of a zone that Cloudflare fronts. Names follow Cloudflare's zone settings. */
export interface CdnSettings {
  /** How Cloudflare talks to the origin. @default "strict" */
  readonly ssl: "off" | "flexible" | "full" | "strict";
  /** @default "1.2" */
  readonly minTlsVersion: "1.0" | "1.1" | "1.2" | "1.3";
  /** @default true */
  readonly alwaysUseHttps: boolean;
  /** @default true */
  readonly automaticHttpsRewrites: boolean;
  /** @default true */
  readonly brotli: boolean;
  /** @default true */
  readonly http3: boolean;
  /** Seconds a browser may keep what it got; 0 = what the origin says. @default 14400 */
  readonly browserCacheTtl: number;
  /** @default "aggressive" */
  readonly cacheLevel: "basic" | "simplified" | "aggressive";
  /** @default "medium" */
  readonly securityLevel: "essentially_off" | "low" | "medium" | "high" | "under_attack";
  /**
   * The zone has Advanced Certificate Manager or Total TLS. Universal SSL covers the apex and one label below it only.
   * @default false
   */
  readonly advancedCertificates: boolean;
}

/** The shared project that answers for every name of a zone that no site has taken. */
export interface CatchAll {
  /** `owner/name` */
  readonly repository: string;
  /** Relative directory; empty = the repository's root. */
  readonly rootDirectory: string;
  readonly framework: Framework | null;
  readonly channel: string;
}

/** An apex domain. */
export interface Zone {
  /** Lower case, punycode, no trailing dot. */
  readonly name: string;
  /** `cname`: every host is attached to its project by name. `wildcard`: `*.zone` is a domain of the catchAll project. */
  readonly kind: "cname" | "wildcard";
  /** What to do with the zone at Cloudflare. @default "create" */
  readonly mode: "create" | "existing" | "skip";
  /** Cloudflare's id, 32 hex digits; `existing` without it means: look it up by name. */
  readonly zoneId?: string;
  /** @default "free" */
  readonly plan: ZonePlan;
  /** Does `*.zone` point at Vercel? @default true */
  readonly wildcard: boolean;
  /** What the wildcard points at. @default "cname.vercel-dns.com" */
  readonly target: string;
  /**
   * Kind wildcard only, how Vercel can prove ownership of `*.zone`: `zone` = the registrar names Vercel's name servers;
   * `acme-challenge` = the zone stays at Cloudflare and `_acme-challenge` is delegated by NS records.
   * @default "zone" for kind wildcard, else undefined
   */
  readonly delegation?: "zone" | "acme-challenge";
  readonly cdn?: CdnSettings;
  /** @default [] */
  readonly records: readonly DnsRecord[];
  readonly catchAll?: CatchAll;
}

/** One name served from Vercel: a row of sites.csv. */
export interface Site {
  /** Relative to the zone, in punycode; `@` is the apex. */
  readonly name: string;
  readonly zone: string;
  /** The full host name. */
  readonly host: string;
  /** A project of its own, or one shared by all sites with the same repository and root directory. */
  readonly project: "own" | "shared";
  /** `owner/name` */
  readonly repository: string;
  /** Relative directory; empty = the repository's root. */
  readonly rootDirectory: string;
  readonly framework: Framework | null;
  readonly channel: string;
  readonly tags: readonly string[];
  /** Line in sites.csv. Moves when rows above change: never put it into desired state. */
  readonly line: number;
}

/** Kinds of service on the Plesk host; each has its own deployment steps. */
export const SERVICE_KINDS = [
  "static",
  "php",
  "drupal-civicrm",
  "fastapi",
  "prisma",
  "n8n",
  "keycloak",
  "grafana",
  "matomo",
  "generic",
] as const;

/** Kind of a service. */
export type ServiceKind = (typeof SERVICE_KINDS)[number];

/** A service's database. */
export interface Database {
  readonly name: string;
  readonly engine: "mariadb" | "postgresql";
  /** On the Plesk host itself, or elsewhere. */
  readonly location: "plesk" | "external";
  /** @default `svc_<key>` */
  readonly user: string;
  /** Name of the secret that holds the user's name. @default `MO_<KEY>_DB_USER` */
  readonly userSecret: string;
  /** Name of the secret that holds the password. @default `MO_<KEY>_DB_PASS` */
  readonly passwordSecret: string;
}

/** One command of a build. */
export interface BuildStep {
  /** For people. @default the command */
  readonly name: string;
  /** Program and arguments; no shell reads them. */
  readonly run: readonly string[];
  /** Where it runs, relative to the build's directory; empty = there. */
  readonly directory: string;
  /** Names of environment variables that it gets beside the build's. @default [] */
  readonly env: readonly string[];
  /** @default 900 */
  readonly timeoutSeconds: number;
}

/** How a service's artifact is made. */
export interface ServiceBuild {
  /** Directory of the checkout: absolute, or relative to the catalog's directory. */
  readonly repository: string;
  /** Where the checkout is cloned from when the directory does not exist or lacks `ref`. */
  readonly git?: string;
  /** Commit that is built; without it what the checkout's HEAD says. */
  readonly ref?: string;
  /** Directory inside the repository; empty = its root. */
  readonly directory: string;
  /** Directory of the result, relative to `directory`; "." is that itself. @default see docs/build.md */
  readonly output?: string;
  /** Names of environment variables that every step gets. @default [] */
  readonly env: readonly string[];
  /** @default by the files found, see docs/build.md */
  readonly steps?: readonly BuildStep[];
}

/** One target on the Plesk host. */
export interface Service {
  readonly key: string;
  /** Full host name. */
  readonly host: string;
  /** The declared zone that holds the host. */
  readonly zone: string;
  /** Absolute directory on the host. */
  readonly path: string;
  readonly kind: ServiceKind;
  readonly database?: Database;
  readonly mail?: string;
  /** @default { path: "/", status: 200 } */
  readonly health: { readonly path: string; readonly status: number };
  /** Is its DNS record proxied? @default true when the zone has CDN settings */
  readonly proxied: boolean;
  /** Patterns that an upload neither sends nor deletes. @default [".git", "*.log"] */
  readonly exclude: readonly string[];
  /** Directory of the built artifact, relative to the catalog's directory. @default `artifacts/<key>` */
  readonly artifact: string;
  /** Is an artifact without manifest, SBOM and provenance refused? @default "required" with `build`, else "optional" */
  readonly attested: "required" | "optional";
  readonly build?: ServiceBuild;
}

/** What is common to all services. */
export interface ServiceHost {
  /** Every service's path lies below it. */
  readonly root: string;
  /** What the services' DNS records point at. */
  readonly origin: { readonly type: "A" | "AAAA" | "CNAME"; readonly content: string };
}

/** A pinned release. */
export interface Release {
  /** 40 hex digits: a branch as ref never deploys again. */
  readonly ref: string;
  /** By `owner/name` in lower case: what that repository uses in place of `ref`. */
  readonly repositories: Readonly<Record<string, { readonly ref: string }>>;
}

/** Channel → release. */
export type Releases = Readonly<Record<string, Release>>;

/** A secret of the GitHub environment. */
export interface SecretEntry {
  readonly name: string;
  /** From the stack's configuration, random, or of a database user. */
  readonly source: "config" | "generated" | "database";
  /** Random bytes; for `generated`, and for passwords of source `database`. @default 32 */
  readonly bytes?: number;
  /** A fixed value that is not secret, e.g. a port; source `config` only. */
  readonly value?: string;
  /** Source `database`: whose, and which of its two. */
  readonly database?: { readonly service: string; readonly part: "user" | "password" };
}

/** The secrets and where they go. */
export interface Secrets {
  readonly github: { readonly repository: string; readonly environment: string };
  readonly entries: readonly SecretEntry[];
}

/** Whose limit it is; `sitefleet` are rules of our own. */
export const VENDORS = ["vercel", "cloudflare", "github", "letsencrypt", "plesk", "pulumi", "sitefleet"] as const;

/** A vendor. */
export type LimitVendor = (typeof VENDORS)[number];

/** A limit of a vendor, with where it was read. */
export interface Limit {
  /** `<vendor>.<what>`; the same id may stand once for each plan. */
  readonly id: string;
  readonly vendor: LimitVendor;
  /** What is limited, in words. */
  readonly what: string;
  readonly amount: number;
  /** What the amount counts. @default "calls" with `per`, else "items" */
  readonly unit: string;
  /** Seconds in which the amount may be used; null = not a rate but a maximum at any time. */
  readonly per: number | null;
  /** What shares the limit: `team`, `user`, `zone`, `registered-domain`, … */
  readonly scope: string;
  /** The vendor's plan, lower case; `any` = all. */
  readonly plan: string;
  readonly source: string;
  /** `YYYY-MM` or `YYYY-MM-DD` */
  readonly checked: string;
  /** H = read in the vendor's own text, M = second-hand or partial, ? = sources disagree. */
  readonly confidence: "H" | "M" | "?";
  readonly note?: string;
}

/** All limits. */
export type Limits = readonly Limit[];

/** The desired state. */
export interface Catalog {
  /** The directory it was read from, as given. */
  readonly dir: string;
  readonly zones: readonly Zone[];
  readonly sites: readonly Site[];
  readonly services: readonly Service[];
  readonly serviceHost: ServiceHost;
  readonly releases: Releases;
  readonly secrets: Secrets;
  readonly limits: Limits;
}
