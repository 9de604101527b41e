import type { Resource } from "../state.ts";
import { dnsRecord, zone } from "./cloudflare.ts";
import { environmentSecret, repositoryEnvironment } from "./github.ts";
import type { Kind } from "./kind.ts";
import { deployment, project, projectDomain, release } from "./vercel.ts";

export type { Kind, Look } from "./kind.ts";

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["vercel:index/project:Project", project],
  ["vercel:index/projectDomain:ProjectDomain", projectDomain],
  ["vercel:index/deployment:Deployment", deployment],
  ["sitefleet:vercel:Release", release],
  ["cloudflare:index/dnsRecord:DnsRecord", dnsRecord],
  ["cloudflare:index/zone:Zone", zone],
  ["github:index/repositoryEnvironment:RepositoryEnvironment", repositoryEnvironment],
  ["github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret", environmentSecret],
]);

/**
 * Types whose create can be done again: deterministic (random), a PUT or PATCH (GitHub's secrets and environments, zone
 * settings, aliases), idempotent by our own making (the Plesk driver behind `command`, our own provider), or no object at
 * any vendor (components, providers).
 */
const REPEATABLE = [
  /^random:/,
  /^command:local:/,
  /^github:index\/(actionsEnvironmentSecret|repositoryEnvironment):/,
  /^cloudflare:index\/zoneSetting:/,
  /^vercel:index\/alias:/,
  /^sitefleet:/,
  /^pulumi:/,
];

/** How a type's interrupted operations are resolved. Pure. */
export function kindOf(resource: Pick<Resource, "type" | "custom">): {
  readonly policy: "repeat" | "look-up" | "unknown";
  readonly kind: Kind;
} {
  const kind = KINDS.get(resource.type) ?? {};
  if (kind.find) return { policy: "look-up", kind };
  const repeatable = resource.custom !== true || REPEATABLE.some((pattern) => pattern.test(resource.type));
  return { policy: repeatable ? "repeat" : "unknown", kind };
}
