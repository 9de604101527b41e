import type { z } from "zod";
import { isInZone, normaliseName } from "../dns.ts";
import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import type { Database, Service, ServiceBuild } from "../service-types.ts";
import type { BuildShape } from "../shape/build.ts";
import { type DatabaseShape, ServiceShape, ServicesFile } from "../shape/services.ts";
import type { Zone } from "../types.ts";
import { checkShape, listField, salvage, withValue } from "./salvage.ts";

/** Kinds whose files a web server serves, so that every one of them can be asked for. */
const SERVED_AS_FILES: ReadonlySet<string> = new Set(["static", "php", "drupal-civicrm", "matomo"]);

/** What services.yaml holds. */
export interface BuiltServices {
  readonly services: Entry<Service>[];
  readonly servicesComplete: boolean;
}

/**
 * Reads services.yaml. Zones decide whether a service is proxied when it does not say so.
 *
 * @param server key of the host of services that name none; "" when no host is known
 */
export function buildServices(
  file: YamlFile,
  zones: readonly Zone[],
  server: string,
  report: Report,
): BuiltServices | undefined {
  checkShape(file, ServicesFile, report);
  const list = listField(file.value, "services");
  if (!list) return undefined;
  const services = list.flatMap((raw, index) => {
    const entry = salvage(ServiceShape, file, ["services", index], raw);
    return entry ? [withValue(entry, buildService(entry, zones, server, report))] : [];
  });
  return { services, servicesComplete: services.length === list.length };
}

function buildService(
  entry: Entry<z.output<typeof ServiceShape>>,
  zones: readonly Zone[],
  server: string,
  report: Report,
): Service {
  const { database, proxied, artifact, attested, build, host: written, ...rest } = entry.value;
  const named = normaliseName(written);
  if ("wrong" in named) report("name.host", entry.at("host"), named.wrong, named.allowed);
  const host = "name" in named ? named.name : written;
  const zone = zones.find((candidate) => isInZone(host, candidate.name));
  return {
    ...rest,
    server: rest.server ?? server,
    health: { ...rest.health, release: rest.health.release ?? SERVED_AS_FILES.has(rest.kind) },
    host,
    zone: zone?.name ?? "",
    database: database === undefined ? undefined : buildDatabase(rest.key, database),
    proxied: proxied ?? zone?.cdn !== undefined,
    artifact: artifact ?? `artifacts/${rest.key}`,
    attested: attested ?? (build === undefined ? "optional" : "required"),
    build: build === undefined ? undefined : buildBuild(build),
  };
}

function buildDatabase(key: string, { scratch, ...database }: z.output<typeof DatabaseShape>): Database {
  const prefix = `MO_${key.toUpperCase()}_DB`;
  return {
    ...database,
    user: database.user ?? `svc_${key}`,
    userSecret: database.userSecret ?? `${prefix}_USER`,
    scratch: scratch === undefined ? `${database.name}_scratch` : scratch,
    passwordSecret: database.passwordSecret ?? `${prefix}_PASS`,
  };
}

function buildBuild({ steps, ...rest }: z.output<typeof BuildShape>): ServiceBuild {
  return { ...rest, steps: steps?.map((step) => ({ ...step, name: step.name ?? step.run.join(" ") })) };
}
