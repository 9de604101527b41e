import { isIPv4, isIPv6 } from "node:net";
import type { z } from "zod";
import { isInZone, normaliseName } from "../dns.ts";
import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import type { BuildShape } from "../shape/build.ts";
import { type DatabaseShape, ServiceShape, ServicesFile } from "../shape/services.ts";
import type { Database, Service, ServiceBuild, ServiceHost, Zone } from "../types.ts";
import { checkShape, field, listField, salvage, withValue } from "./salvage.ts";

/** What services.yaml holds. */
export interface BuiltServices {
  readonly services: Entry<Service>[];
  readonly servicesComplete: boolean;
  readonly serviceHost?: Entry<ServiceHost>;
}

/** Reads services.yaml. Zones decide whether a service is proxied when it does not say so. */
export function buildServices(file: YamlFile, zones: readonly Zone[], report: Report): BuiltServices | undefined {
  checkShape(file, ServicesFile, report);
  const serviceHost = buildHost(file, report);
  const list = listField(file.value, "services");
  if (!list) return undefined;
  const services = list.flatMap((raw, index) => {
    const entry = salvage(ServiceShape, file, ["services", index], raw);
    return entry ? [withValue(entry, buildService(entry, zones, report))] : [];
  });
  return { services, servicesComplete: services.length === list.length, ...(serviceHost ? { serviceHost } : {}) };
}

function buildHost(file: YamlFile, report: Report): Entry<ServiceHost> | undefined {
  const root = field(file.value, "root");
  const written = field(file.value, "origin");
  if (typeof root !== "string" || typeof written !== "string") return undefined;
  const at: Entry<unknown>["at"] = (...path) => file.place(path);
  if (isIPv4(written)) return { value: { root, origin: { type: "A", content: written } }, at };
  if (isIPv6(written)) return { value: { root, origin: { type: "AAAA", content: written } }, at };
  const named = normaliseName(written);
  if ("wrong" in named) {
    report("name.host", at("origin"), named.wrong, `${named.allowed}, or an IP address`);
    return undefined;
  }
  return { value: { root, origin: { type: "CNAME", content: named.name } }, at };
}

function buildService(entry: Entry<z.output<typeof ServiceShape>>, zones: readonly Zone[], report: Report): Service {
  const { database, mail, proxied, artifact, attested, build, host: written, ...rest } = entry.value;
  const named = normaliseName(written);
  if ("wrong" in named) report("name.host", entry.at("host"), named.wrong, named.allowed);
  const host = "name" in named ? named.name : written;
  const zone = zones.find((candidate) => isInZone(host, candidate.name));
  return {
    ...rest,
    host,
    zone: zone?.name ?? "",
    ...(database === undefined ? {} : { database: buildDatabase(rest.key, database) }),
    ...(mail === undefined ? {} : { mail }),
    proxied: proxied ?? zone?.cdn !== undefined,
    artifact: artifact ?? `artifacts/${rest.key}`,
    attested: attested ?? (build === undefined ? "optional" : "required"),
    ...(build === undefined ? {} : { build: buildBuild(build) }),
  };
}

function buildDatabase(key: string, database: z.output<typeof DatabaseShape>): Database {
  const prefix = `MO_${key.toUpperCase()}_DB`;
  return {
    name: database.name,
    engine: database.engine,
    location: database.location,
    user: database.user ?? `svc_${key}`,
    userSecret: database.userSecret ?? `${prefix}_USER`,
    passwordSecret: database.passwordSecret ?? `${prefix}_PASS`,
  };
}

function buildBuild({ git, ref, output, steps, ...rest }: z.output<typeof BuildShape>): ServiceBuild {
  return {
    ...rest,
    ...(git === undefined ? {} : { git }),
    ...(ref === undefined ? {} : { ref }),
    ...(output === undefined ? {} : { output }),
    ...(steps === undefined
      ? {}
      : { steps: steps.map((step) => ({ ...step, name: step.name ?? step.run.join(" ") })) }),
  };
}
