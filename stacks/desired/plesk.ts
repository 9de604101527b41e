import { SitefleetError } from "../../errors/index.ts";
import type { Catalog, Service } from "../../model/index.ts";
import { byName, dnsState } from "./common.ts";
import type { AccessState, ArtifactInfo, PleskState, ServiceState } from "./types.ts";

/** Desired state of the Plesk stack: services with what their artifacts hold, and their hosts. Pure. @throws SitefleetError `catalog.invalid` */
export function pleskState(catalog: Catalog, artifacts: ReadonlyMap<string, ArtifactInfo>): PleskState {
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
