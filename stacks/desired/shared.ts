import type { SharedProjectSpec } from "../../components/shared-project/plan.ts";
import type { ZoneSpec } from "../../components/wildcard-zone/plan.ts";
import { type Catalog, checkOfDeployment, sharedProjects, type Zone } from "../../model/index.ts";
import { byName, commitOf, dnsState, siteCheck } from "./common.ts";
import { secretState } from "./secret.ts";
import type { SharedState } from "./types.ts";

/** Desired state of the shared stack: projects that sites share, zones, the environment and its secrets. Pure. */
export function sharedState(catalog: Catalog): SharedState {
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
