import { environment } from "../../../environment/index.ts";
import { SitefleetError } from "../../../errors/index.ts";

/** Where an S3-compatible store is, read from the engine's own form of address. */
export interface S3Address {
  readonly kind: "s3";
  readonly bucket: string;
  /** In front of every key, ends with `/`; empty for the whole bucket. */
  readonly prefix: string;
  readonly region?: string;
  readonly profile?: string;
  /** Base URL of a server other than Amazon's. */
  readonly endpoint?: string;
  /** The bucket stands in the path, not in the host name. */
  readonly pathStyle: boolean;
}

/** A PostgreSQL database and the engine's table in it. */
export interface PostgresAddress {
  readonly kind: "postgres";
  /** Address without the engine's own parameter. May hold a password: never to be printed. */
  readonly connection: string;
  readonly table: string;
  /** In front of every key: the engine puts the path of the address there, which is the database's name, and `/`. */
  readonly prefix: string;
}

/** What a backend's address says; `other` is one that holds the engine's state and nothing of ours. */
export type BackendAddress = S3Address | PostgresAddress | { readonly kind: "file" } | { readonly kind: "other" };

/** The engine's table when the address names none (pkg/v3/backend/diy/postgres, 3.276). */
const DEFAULT_TABLE = "pulumi_state";
const yes = (value: string | null) => value === "true" || value === "1";

/**
 * Reads PULUMI_BACKEND_URL as the engine does. Both generations of its S3 parameters are known: `endpoint`, `disableSSL`,
 * `s3ForcePathStyle`, and the later `disable_https`, `use_path_style`. Pure.
 */
export function readBackendUrl(text: string): BackendAddress {
  if (text.startsWith("file://")) return { kind: "file" };
  if (!/^(s3|postgres|postgresql):\/\//.test(text)) return { kind: "other" };
  const url = new URL(text);
  if (url.protocol !== "s3:") return postgres(url);
  const query = url.searchParams;
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  const endpoint = query.get("endpoint");
  const scheme = yes(query.get("disableSSL")) || yes(query.get("disable_https")) ? "http" : "https";
  const [region, profile] = [query.get("region"), query.get("profile")];
  return {
    kind: "s3",
    bucket: url.hostname,
    prefix: path === "" ? "" : `${path}/`,
    region: region || undefined,
    profile: profile || undefined,
    endpoint: endpoint ? (/^https?:\/\//.test(endpoint) ? endpoint : `${scheme}://${endpoint}`) : undefined,
    pathStyle: yes(query.get("s3ForcePathStyle")) || yes(query.get("use_path_style")),
  };
}

function postgres(url: URL): PostgresAddress {
  const table = url.searchParams.get("table") || DEFAULT_TABLE;
  url.searchParams.delete("table");
  // Parameters mean what they mean to the engine's driver: `sslmode=require` encrypts and does not check the certificate.
  url.searchParams.set("uselibpqcompat", "true");
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  return { kind: "postgres", connection: url.href, table, prefix: path === "" ? "" : `${decodeURIComponent(path)}/` };
}

/** Schemes that the engine has backends for (3.276); `file://~` and `file:///…` are the forms of a directory. */
const SCHEMES = ["file", "s3", "gs", "azblob", "postgres", "postgresql", "https", "http"];

/**
 * Refuses an address that no backend has. The engine takes it for one of Pulumi Cloud and asks for an access token.
 *
 * @throws SitefleetError `environment.invalid`
 */
export function checkBackendUrl(env: NodeJS.ProcessEnv = environment()): void {
  const text = env.PULUMI_BACKEND_URL ?? "";
  const problem = text === "" ? undefined : problemOf(text);
  if (problem === undefined) return;
  throw new SitefleetError({
    code: "environment.invalid",
    subject: "PULUMI_BACKEND_URL",
    message: `${problem}: ${withoutPasswords(text)}`,
    hint: "file:///DIR, s3://BUCKET?region=…, postgres://USER@HOST/DATABASE, gs://BUCKET, azblob://CONTAINER or https://api.pulumi.com; docs/reference/backends.md has the forms",
  });
}

function problemOf(text: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return "this is no address of a state backend";
  if (!SCHEMES.includes(scheme)) return `no state backend has addresses of the form ${scheme}://`;
  if (scheme === "file")
    return /^file:\/\/[/~.]/.test(text) ? undefined : "a directory is file:/// and an absolute path";
  try {
    return new URL(text).hostname === "" && !scheme.startsWith("postgres") ? "the address names no place" : undefined;
  } catch {
    return "this address cannot be read";
  }
}

/** An address without what is secret in it: passwords of any `scheme://user:password@`. For every text that people see. Pure. */
export function withoutPasswords(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s/?#]*@/gi, "$1:***@")
    .replace(/([?&]password=)[^\s&#"']+/gi, "$1***");
}
