import type { Checks } from "./check-types.ts";
import type { Framework } from "./frameworks.ts";
import type { RolloutRules } from "./rollout-types.ts";
import type { Service } from "./service-types.ts";
import type { Prices } from "./shape/prices.ts";
import type { VENDORS } from "./vendor-names.ts";

/** Plan of a Cloudflare zone. */
type ZonePlan = "free" | "pro" | "business" | "enterprise";

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
type RecordType = "A" | "AAAA" | "CNAME" | "MX" | "NS" | "TXT" | "CAA";

/** CDN settings of a zone that Cloudflare fronts. Names follow Cloudflare's zone settings. */
interface CdnSettings {
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
  /** Name of the vendor that its DNS is at. @default "cloudflare" */
  readonly dns: string;
  /** What to do with the zone at the vendor. @default "create" */
  readonly mode: "create" | "existing" | "skip";
  /** The vendor's id, at Cloudflare 32 hex digits; `existing` without it means: look it up by name. */
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

/** Kinds of shell account; what an account of each never may use is in `plesk/host/profile.ts`. */
export const HOST_PROFILES = ["generic", "plesk-bash", "plesk-chroot", "kas"] as const;

/** Kind of a host's shell account. */
type HostProfile = (typeof HOST_PROFILES)[number];

/** Where something listens. */
interface Endpoint {
  /** Host name or address. */
  readonly address: string;
  readonly port: number;
}

/** A host that services are deployed to over SSH. */
export interface Host {
  /** Name by which a service chooses it (`server`). */
  readonly key: string;
  /** Host name or address of its SSH server. */
  readonly address: string;
  /** @default 22 */
  readonly port: number;
  /** Login name. */
  readonly user: string;
  /** Public keys, each `type base64`. Empty until a person has looked it up. A host without keys is refused before it is called. */
  readonly hostKey: readonly string[];
  /** Name of the secret with the private key. @default "SSH_PRIVATE_KEY" */
  readonly keySecret: string;
  /** The path of every service on this host lies below it. */
  readonly root: string;
  /** @default "generic" */
  readonly profile: HostProfile;
  /** Services at a time. @default the limit `plesk.ssh-sessions` */
  readonly parallel: number;
  /** What the DNS records of services on this host point at. @default the address */
  readonly origin: { readonly type: "A" | "AAAA" | "CNAME"; readonly content: string };
  /** Where the host's own web server is asked for a service, e.g. `https://198.51.100.7`; undefined = by the service's name. */
  readonly web?: string;
  /** The host's own database servers, as the host itself reaches them. @default localhost and the usual ports */
  readonly mariadb: Endpoint;
  readonly postgresql: Endpoint;
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
interface Secrets {
  readonly github: { readonly repository: string; readonly environment: string };
  readonly entries: readonly SecretEntry[];
}

/** A limit of a vendor, with where it was read. */
export interface Limit {
  /** `<vendor>.<what>`; the same id may stand once for each plan. */
  readonly id: string;
  readonly vendor: (typeof VENDORS)[number];
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
  /** At least one when there are services; the first is the default. */
  readonly hosts: readonly Host[];
  readonly services: readonly Service[];
  readonly releases: Releases;
  readonly secrets: Secrets;
  readonly limits: Limits;
  /** How sites and services are checked. @default what holds without checks.yaml */
  readonly checks: Checks;
  /** How a release goes out. @default what holds without rollout.yaml */
  readonly rollout: RolloutRules;
  /** What things cost; undefined without prices.yaml. */
  readonly prices?: Prices | undefined;
}
