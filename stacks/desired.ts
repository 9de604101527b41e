import type { ServiceSpec } from "../components/plesk-service/document.ts";
import type { SharedProjectSpec } from "../components/shared-project/plan.ts";
import type { SiteProject } from "../components/vercel-site/plan.ts";
import type { ZoneSpec } from "../components/wildcard-zone/plan.ts";
import { SitefleetError } from "../errors/index.ts";
import type { Catalog, Host, SecretEntry, Service, Site, Zone } from "../model/index.ts";
import {
  type Check,
  checkOfDeployment,
  DEFAULT_DNS,
  FIRST,
  loginOf,
  projectName,
  releaseRef,
  sharedProjectName,
  sharedProjects,
  sitesByCell,
} from "../model/index.ts";
import { stackKind } from "./names.ts";

/** A site of a cell. */
export interface SiteState {
  readonly host: string;
  readonly project: Extract<SiteProject, { kind: "own" }> | { readonly kind: "shared"; readonly name: string };
  /** Commit of a project of its own. @default what is live stays */
  readonly commit?: string;
  /** How a deployment of it is checked before it is promoted; only of a project of its own. @default the component's */
  readonly check?: SiteCheck;
}

/** A check of a deployment, with what differs from `ReleaseCheck`'s defaults. */
interface SiteCheck {
  readonly path: string;
  readonly statuses: number[];
  readonly marker?: string;
  readonly tries: number;
  readonly timeoutSeconds: number;
  readonly release?: {
    readonly header?: string;
    readonly meta?: string;
    readonly path?: string;
    readonly required?: boolean;
  };
  readonly verifyTls?: false;
  readonly slow?: {
    readonly percent: number;
    readonly floorMs: number;
    readonly least: number;
    readonly fails: boolean;
  };
  readonly inconclusive: "promote";
}

/** Desired state of a cell. */
export interface CellState {
  readonly kind: "cell";
  readonly sites: readonly SiteState[];
}

/** A secret of the environment and where its value comes from. */
type SecretState =
  /** From the stack's configuration; `value` is taken where that has none. */
  | { readonly name: string; readonly source: "config"; readonly value?: string }
  | {
      readonly name: string;
      readonly source: "fixed";
      readonly value: string;
      /** Name of a rotated password that it belongs to. @default it stands for itself */
      readonly follows?: string;
    }
  | {
      readonly name: string;
      readonly source: "generated";
      readonly bytes: number;
      readonly encoding: "base64" | "hex";
      /** Which of its values is in use. @default 1, the first */
      readonly generation?: number;
      /** Another value that exists beside it. @default none */
      readonly other?: number;
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

/** How a service's database is reached: all names of secrets, but what a host says of its own server. */
export interface AccessState {
  /** `host`: the host's own server. Else names of secrets; `port` is taken where the configuration has none. */
  readonly server: "host" | { readonly addressSecret: string; readonly portSecret: string; readonly port: number };
  readonly userSecret: string;
  readonly passwordSecret: string;
}

/** A service. */
export interface ServiceState extends ServiceSpec {
  /** Key of its host. */
  readonly server: string;
  /** What its DNS record says. */
  readonly origin: Host["origin"];
  readonly proxied: boolean;
  /** Zone whose id at the DNS vendor the record needs; undefined for zones of mode `skip`. */
  readonly zone?: string;
  /** The zone's DNS vendor. @default the catalog's */
  readonly dns?: string;
  readonly access?: AccessState;
}

/** Desired state of the Plesk stack. */
export interface PleskState {
  readonly kind: "plesk";
  /** The hosts that services are on, as the catalog has them. */
  readonly hosts: readonly Host[];
  readonly services: readonly ServiceState[];
}

/** Desired state of one stack: everything of the catalog that its program reads. */
export type StackState = CellState | SharedState | PleskState;

/** What is known about a service's built artifact. */
export interface ArtifactInfo {
  /** As the driver gets it: `catalog/…`, wherever the catalog lies. */
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

/**
 * What a release is told of its check. Where nothing can be seen (no answer, a login page) it is promoted all the same: the
 * address is Vercel's own, and a network that does not reach it says nothing about the site. Pure.
 */
function siteCheck({ path, statuses, marker, tries, timeoutSeconds, release, tls, slow }: Check): SiteCheck {
  const { header, meta, path: file, required } = release;
  const named = header !== null || meta !== null || file !== null;
  const { percent, floorMs, least, fails } = slow;
  return {
    path,
    statuses: [...statuses],
    marker: marker ?? undefined,
    tries,
    timeoutSeconds,
    ...(named
      ? {
          release: {
            header: header ?? undefined,
            meta: meta ?? undefined,
            path: file ?? undefined,
            ...(required ? { required } : {}),
          },
        }
      : {}),
    verifyTls: tls.verify ? undefined : (false as const),
    slow: percent === 30 && floorMs === 100 && least === 5 && !fails ? undefined : { percent, floorMs, least, fails },
    inconclusive: "promote",
  };
}

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
    check: siteCheck(checkOfDeployment(catalog, site)),
  };
}

/** Undefined: what is live stays. A checked catalog declares every channel; an unchecked one must not leave what is live by mistake. */
function commitOf(
  catalog: Catalog,
  item: { readonly channel: string; readonly repository: string },
): string | undefined {
  const commit = releaseRef(catalog.releases, item.channel, item.repository);
  if (commit !== undefined || Object.hasOwn(catalog.releases, item.channel)) return commit;
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
      release: { check: siteCheck(checkOfDeployment(catalog, { project: "shared" })) },
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
        .filter(({ source }) => source !== "github")
        .map((entry) => secretState(catalog, entry))
        .sort((a, b) => byName(a.name, b.name)),
    },
  };
}

function zoneState(zone: Zone): ZoneSpec {
  const { advancedCertificates: _, ...cdn } = zone.cdn ?? { advancedCertificates: false };
  return {
    name: zone.name,
    ...dnsState(zone),
    mode: zone.mode,
    zoneId: zone.zoneId,
    kind: zone.kind,
    wildcard: zone.wildcard,
    target: zone.target,
    delegation: zone.delegation,
    cdn: zone.cdn === undefined ? undefined : cdn,
    records: zone.records.map(({ host, type, content, ttl, proxied, priority, comment }) => ({
      host,
      type,
      content,
      ttl,
      proxied,
      priority,
      comment,
    })),
  };
}

/** Left out where it is the usual one: declarations of earlier versions have none. */
const dnsState = ({ dns }: Pick<Zone, "dns">): { readonly dns?: string } => (dns === DEFAULT_DNS ? {} : { dns });

function secretState(catalog: Catalog, entry: SecretEntry): SecretState {
  const { name } = entry;
  if (entry.database?.part === "user") {
    const service = catalog.services.find(({ key }) => key === entry.database?.service);
    const { user = `svc_${entry.database.service}`, engine = "mariadb", passwordSecret } = service?.database ?? {};
    const password = catalog.secrets.entries.find((one) => one.name === passwordSecret);
    const { current, window } = password?.rotation ?? FIRST;
    const follows = current > 1 && passwordSecret !== undefined ? { follows: passwordSecret } : {};
    return { name, source: "fixed", value: loginOf(user, engine, current, { window }), ...follows };
  }
  if (entry.source === "database" || entry.source === "generated") {
    const { current, next, retired } = entry.rotation ?? FIRST;
    const other = next ?? retired;
    // Passwords end up in connection strings and shells: hex needs no quoting anywhere.
    const encoding = entry.source === "database" ? "hex" : "base64";
    return {
      name,
      source: "generated",
      bytes: entry.bytes ?? 32,
      encoding,
      ...(current === 1 ? {} : { generation: current }),
      ...(other === undefined ? {} : { other }),
    };
  }
  return { name, source: "config", value: entry.value };
}

function pleskState(catalog: Catalog, artifacts: ReadonlyMap<string, ArtifactInfo>): PleskState {
  const managed = new Map(
    catalog.zones.flatMap((zone) => (zone.mode === "skip" ? [] : [[zone.name, dnsState(zone)] as const])),
  );
  const services = catalog.services.map((service) =>
    serviceState(catalog, service, artifacts.get(service.key), managed),
  );
  const used = new Set(services.map(({ server }) => server));
  return {
    kind: "plesk",
    hosts: catalog.hosts.filter(({ key }) => used.has(key)),
    services: services.sort((a, b) => byName(a.key, b.key)),
  };
}

function serviceState(
  catalog: Catalog,
  service: Service,
  artifact: ArtifactInfo | undefined,
  managed: ReadonlyMap<string, { readonly dns?: string }>,
): ServiceState {
  const host = catalog.hosts.find(({ key }) => key === service.server);
  if (host === undefined) {
    throw new SitefleetError({
      code: "catalog.invalid",
      message: `${service.server} is not declared in hosts.yaml`,
      subject: service.key,
      hint: "run sitefleet validate",
    });
  }
  // What is only the catalog's stays there; every other field of a service is state as it is.
  const { mail: _, build: __, after: ___, artifact: place, zone, database, ...declared } = service;
  return {
    ...declared,
    origin: host.origin,
    artifactDir: artifact?.dir ?? `catalog/${place}`,
    artifactDigest: artifact?.digest ?? "",
    ...(managed.has(zone) ? { zone, ...managed.get(zone) } : {}),
    ...(database
      ? {
          database: {
            engine: database.engine,
            name: database.name,
            scratch: database.scratch,
            keep: database.keep,
          },
          access: accessState(catalog, database),
        }
      : {}),
  };
}

/** Secrets that say where the database servers elsewhere are (catalog/secrets.yaml), and their usual ports. */
const SERVERS = {
  mariadb: { addressSecret: "MYSQL_HOST", portSecret: "MYSQL_PORT", port: 3306 },
  postgresql: { addressSecret: "PG_HOST", portSecret: "PG_PORT", port: 5432 },
} as const;

function accessState(catalog: Catalog, database: NonNullable<Service["database"]>): AccessState {
  const { engine, location, userSecret, passwordSecret } = database;
  const known = SERVERS[engine];
  const port = catalog.secrets.entries.find(({ name }) => name === known.portSecret)?.value;
  const server = location === "plesk" ? ("host" as const) : { ...known, port: Number(port ?? known.port) };
  return { server, userSecret, passwordSecret };
}
