import { type Catalog, findLimit, type Service } from "../../model/index.ts";
import type { FaultConfigInput, VendorOptions } from "../core/index.ts";
import type { ServerLogin } from "../databases/index.ts";
import { readJson } from "../machine/files.ts";
import type { HostProfile, Mode } from "../ssh/index.ts";
import type { SandboxPorts } from "./info.ts";
import type { SandboxSecrets } from "./secrets.ts";

/** What the cloud process is started with. */
export interface CloudSettings {
  readonly options: VendorOptions;
  readonly services: readonly Service[];
  /** Zones whose registrar names Vercel's name servers; Cloudflare does not answer for them. */
  readonly delegatedZones: readonly string[];
  /** Ports to try first. */
  readonly ports: Partial<SandboxPorts>;
  /** Faults, latency and limits from the first moment on. @default none */
  readonly faults?: FaultConfigInput;
  /** Whether the TLS proxy is needed (real plugins). */
  readonly proxy: boolean;
  /** The database servers that run. */
  readonly databases: readonly ServerLogin[];
  /** Environment whose secrets are the passwords of the databases' users. */
  readonly environment: string;
  /** The account on the SSH host, whose files the web server serves. */
  readonly account: HostProfile;
  /** How programs are led into its file tree. */
  readonly mode: Mode;
}

/** Everything the cloud process needs to know of the catalog and the sandbox. */
export function cloudSettings(
  catalog: Catalog,
  secrets: SandboxSecrets,
  more: Pick<CloudSettings, "ports" | "proxy" | "databases" | "account" | "mode"> & {
    team: string;
    faults: FaultConfigInput | undefined;
  },
): CloudSettings {
  const { team, ports, proxy, faults, databases, account, mode } = more;
  return {
    options: vendorOptions(catalog, secrets, team),
    services: catalog.services,
    delegatedZones: delegatedZones(catalog),
    ports,
    proxy,
    databases,
    account,
    mode,
    environment: catalog.secrets.github.environment,
    ...(faults === undefined ? {} : { faults }),
  };
}

/**
 * What exists at the vendors before anything is deployed: the account, the team, the repositories that the catalog
 * names, and the zones that it takes as existing.
 */
function vendorOptions(catalog: Catalog, secrets: SandboxSecrets, team: string): VendorOptions {
  const { github } = catalog.secrets;
  const deployed = [
    ...catalog.sites.map((site) => site.repository),
    ...catalog.zones.flatMap((zone) => zone.catchAll?.repository ?? []),
  ];
  const repositories = [...new Set([github.repository, ...deployed])].sort();
  const existing = catalog.zones.filter((zone) => zone.mode === "existing");
  return {
    vercel: { team: { slug: team, name: team }, tokens: [secrets.vercelToken], repositories },
    cloudflare: {
      accountId: secrets.cloudflareAccountId,
      tokens: [secrets.cloudflareToken],
      zones: existing.map(({ name, zoneId, plan }) => ({
        name,
        plan,
        ...(zoneId === undefined ? {} : { id: zoneId }),
      })),
      plans: Object.fromEntries(catalog.zones.map((zone) => [zone.name, zone.plan])),
      ...cloudflareLimits(catalog),
    },
    github: { tokens: [secrets.githubToken], repositories, ...githubLimits(catalog) },
  };
}

const PLANS = ["free", "pro", "business", "enterprise"] as const;

/** What the catalog knows of the vendors' fixed maxima, so that the sandbox refuses where the vendor would. */
function cloudflareLimits(catalog: Catalog): Partial<NonNullable<VendorOptions["cloudflare"]>> {
  const byPlan = (id: string): Partial<Record<(typeof PLANS)[number], number>> =>
    Object.fromEntries(PLANS.flatMap((plan) => amount(catalog, id, plan).map((found) => [plan, found])));
  return {
    recordsPerZone: byPlan("cloudflare.zone-records"),
    batchOperations: byPlan("cloudflare.batch-operations"),
  };
}

function githubLimits(catalog: Catalog): Partial<NonNullable<VendorOptions["github"]>> {
  const [secretsPerEnvironment] = amount(catalog, "github.environment-secrets");
  const [secretBytes] = amount(catalog, "github.environment-secret-bytes");
  return {
    ...(secretsPerEnvironment === undefined ? {} : { secretsPerEnvironment }),
    ...(secretBytes === undefined ? {} : { secretBytes }),
  };
}

function amount(catalog: Catalog, id: string, plan?: string): number[] {
  const limit = findLimit(catalog.limits, id, plan);
  return limit === undefined ? [] : [limit.amount];
}

/** Zones that the catalog declares as delegated to Vercel as a whole. */
function delegatedZones(catalog: Catalog): string[] {
  return catalog.zones
    .filter((zone) => zone.kind === "wildcard" && zone.delegation === "zone")
    .map((zone) => zone.name);
}

/** Reads what `startSandbox` wrote. @throws Error when it is missing */
export function readSettings(path: string): CloudSettings {
  const settings = readJson(path);
  if (typeof settings !== "object" || settings === null) throw new Error(`no settings in ${path}`);
  return settings as CloudSettings;
}
