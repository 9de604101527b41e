import type { Catalog, SecretEntry, Site, Zone } from "../catalog/index.ts";
import { projectName, releaseRef, sharedProjectName, sharedProjects, sitesByCell } from "../catalog/index.ts";
import type { ServiceSpec } from "../components/plesk-service/plan.ts";
import type { SharedProjectSpec } from "../components/shared-project/plan.ts";
import type { SiteProject } from "../components/vercel-site/plan.ts";
import type { ZoneSpec } from "../components/wildcard-zone/plan.ts";
import { SitefleetError } from "../errors/index.ts";
import { stackKind } from "./names.ts";

/** A site of a cell. */
export interface SiteState {
  readonly host: string;
  readonly project: Extract<SiteProject, { kind: "own" }> | { readonly kind: "shared"; readonly name: string };
  /** Commit of a project of its own. */
  readonly commit?: string;
}

/** Desired state of a cell. */
export interface CellState {
  readonly kind: "cell";
  readonly sites: readonly SiteState[];
}

/** A secret of the environment and where its value comes from. */
export type SecretState =
  /** From the stack's configuration; `value` is taken where that has none. */
  | { readonly name: string; readonly source: "config"; readonly value?: string }
  | { readonly name: string; readonly source: "fixed"; readonly value: string }
  | {
      readonly name: string;
      readonly source: "generated";
      readonly bytes: number;
      readonly encoding: "base64" | "hex";
    };

/** Desired state of the shared stack. */
export interface SharedState {
  readonly kind: "shared";
  readonly projects: readonly SharedProjectSpec[];
  readonly zones: readonly ZoneSpec[];
  readonly environment: {
    /** User or organisation that owns the repository. */
    readonly owner: string;
    /** Its name without the owner. */
    readonly repository: string;
    readonly environment: string;
    readonly secrets: readonly SecretState[];
  };
}

/** A service; `env` maps variable names to names of the environment's secrets. */
export interface ServiceState extends ServiceSpec {
  /** Zone whose Cloudflare id the record needs; undefined for zones of mode `skip`. */
  readonly zone?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Desired state of the Plesk stack. */
export interface PleskState {
  readonly kind: "plesk";
  /** Port of SSH where the configuration names none. */
  readonly sshPort: number;
  readonly services: readonly ServiceState[];
}

/** Desired state of one stack: everything of the catalog that its program reads. */
export type StackState = CellState | SharedState | PleskState;

/** What is known about a service's built artifact. */
export interface ArtifactInfo {
  /** As the driver gets it: relative to the project's root where it lies inside. */
  readonly dir: string;
  /** sha-256 of its content. */
  readonly digest: string;
}

/** The part of the catalog that is one stack's desired state. Pure; undefined when the name is no stack of ours. */
export function desiredState(
  catalog: Catalog,
  stack: string,
  artifacts: ReadonlyMap<string, ArtifactInfo> = new Map(),
): StackState | undefined {
  const kind = stackKind(stack);
  if (kind === undefined) return undefined;
  if (kind.kind === "cell") return cellState(catalog, kind.cell);
  return kind.kind === "shared" ? sharedState(catalog) : pleskState(catalog, artifacts);
}

/** Port of SSH where neither the configuration nor the catalog names one. */
const DEFAULT_SSH_PORT = 22;

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const cells = new WeakMap<Catalog, Map<string, Site[]>>();

/** Sites by cell, worked out once a catalog: a survey asks for every cell. */
function cellsOf(catalog: Catalog): Map<string, Site[]> {
  const known = cells.get(catalog) ?? sitesByCell(catalog.sites);
  cells.set(catalog, known);
  return known;
}

function cellState(catalog: Catalog, cell: string): CellState {
  const sites = (cellsOf(catalog).get(cell) ?? []).map((site) => siteState(catalog, site));
  return { kind: "cell", sites: sites.sort((a, b) => byName(a.host, b.host)) };
}

function siteState(catalog: Catalog, site: Site): SiteState {
  const { host, repository, rootDirectory, framework } = site;
  if (site.project === "shared") return { host, project: { kind: "shared", name: sharedProjectName(site) } };
  return {
    host,
    project: { kind: "own", name: projectName(site), repository, rootDirectory, framework },
    commit: commitOf(catalog, site),
  };
}

/** A checked catalog declares every channel; an unchecked one must not deploy `undefined`. */
function commitOf(catalog: Catalog, item: { readonly channel: string; readonly repository: string }): string {
  const commit = releaseRef(catalog.releases, item.channel, item.repository);
  if (commit !== undefined) return commit;
  throw new SitefleetError({
    code: "catalog.invalid",
    message: `channel ${item.channel} is not declared in releases.yaml`,
    subject: item.repository,
    hint: "run sitefleet validate",
  });
}

function sharedState(catalog: Catalog): SharedState {
  const projects = sharedProjects(catalog).map(
    (project): SharedProjectSpec => ({
      name: project.name,
      repository: project.repository,
      rootDirectory: project.rootDirectory,
      framework: project.framework,
      commit: commitOf(catalog, project),
      wildcardDomains: project.wildcardZones.map((zone) => `*.${zone}`).sort(byName),
    }),
  );
  const { repository: fullName, environment } = catalog.secrets.github;
  const [owner = "", repository = ""] = fullName.split("/");
  return {
    kind: "shared",
    projects: projects.sort((a, b) => byName(a.name, b.name)),
    zones: catalog.zones.map(zoneState).sort((a, b) => byName(a.name, b.name)),
    environment: {
      owner,
      repository,
      environment,
      secrets: catalog.secrets.entries
        .map((entry) => secretState(catalog, entry))
        .sort((a, b) => byName(a.name, b.name)),
    },
  };
}

function zoneState(zone: Zone): ZoneSpec {
  const { advancedCertificates: _, ...cdn } = zone.cdn ?? { advancedCertificates: false };
  return {
    name: zone.name,
    mode: zone.mode,
    ...(zone.zoneId === undefined ? {} : { zoneId: zone.zoneId }),
    kind: zone.kind,
    wildcard: zone.wildcard,
    target: zone.target,
    ...(zone.delegation === undefined ? {} : { delegation: zone.delegation }),
    ...(zone.cdn === undefined ? {} : { cdn }),
    records: zone.records.map(({ host, type, content, ttl, proxied, priority, comment }) => ({
      host,
      type,
      content,
      ttl,
      proxied,
      ...(priority === undefined ? {} : { priority }),
      ...(comment === undefined ? {} : { comment }),
    })),
  };
}

function secretState(catalog: Catalog, entry: SecretEntry): SecretState {
  const { name } = entry;
  if (entry.database?.part === "user") {
    const service = catalog.services.find(({ key }) => key === entry.database?.service);
    return { name, source: "fixed", value: service?.database?.user ?? `svc_${entry.database.service}` };
  }
  // Passwords end up in connection strings and shells: hex needs no quoting anywhere.
  if (entry.source === "database") return { name, source: "generated", bytes: entry.bytes ?? 32, encoding: "hex" };
  if (entry.source === "generated") return { name, source: "generated", bytes: entry.bytes ?? 32, encoding: "base64" };
  return { name, source: "config", ...(entry.value === undefined ? {} : { value: entry.value }) };
}

function pleskState(catalog: Catalog, artifacts: ReadonlyMap<string, ArtifactInfo>): PleskState {
  const managed = new Set(catalog.zones.filter(({ mode }) => mode !== "skip").map(({ name }) => name));
  const services = catalog.services.map((service): ServiceState => {
    const artifact = artifacts.get(service.key);
    const { database } = service;
    return {
      key: service.key,
      host: service.host,
      path: service.path,
      kind: service.kind,
      exclude: service.exclude,
      origin: catalog.serviceHost.origin,
      proxied: service.proxied,
      artifactDir: artifact?.dir ?? service.artifact,
      artifactDigest: artifact?.digest ?? "",
      ...(managed.has(service.zone) ? { zone: service.zone } : {}),
      env: database ? { DB_USER: database.userSecret, DB_PASSWORD: database.passwordSecret } : {},
    };
  });
  const port = catalog.secrets.entries.find(({ name }) => name === "SSH_PORT")?.value;
  return {
    kind: "plesk",
    sshPort: Number(port ?? DEFAULT_SSH_PORT),
    services: services.sort((a, b) => byName(a.key, b.key)),
  };
}
