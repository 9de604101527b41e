import { join, posix, resolve } from "node:path";
import type { Catalog, Service } from "../catalog/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { type ArtifactRules, artifactDigest } from "../plesk/artifact/index.ts";
import { CATALOG_PREFIX } from "../plesk/artifact/place.ts";
import type { ArtifactInfo } from "./desired.ts";

/** What of an artifact's directory is the release; the driver goes by the same. */
export function rulesOf({ kind, exclude, shared, webRoot }: Service): ArtifactRules {
  return { kind, exclude, shared, ...(webRoot === undefined ? {} : { webRoot }) };
}

/**
 * Reads the built artifacts of all services. A directory is named from the catalog (`catalog/…`), never from where the catalog lies:
 * a stack's inputs are then the same on every machine and from every place, and the driver finds the directory by `artifactPlace`.
 *
 * @throws SitefleetError `artifact.missing` naming every service without a readable artifact
 */
export async function readArtifacts(catalog: Catalog, root: string): Promise<Map<string, ArtifactInfo>> {
  const problems: string[] = [];
  const entries = await Promise.all(
    catalog.services.map(async (service): Promise<[string, ArtifactInfo]> => {
      const path = resolve(root, catalog.dir, service.artifact);
      const dir = posix.normalize(CATALOG_PREFIX + service.artifact);
      try {
        return [service.key, { dir, digest: await artifactDigest(path, rulesOf(service)) }];
      } catch (error) {
        problems.push(`${service.key}: ${join(catalog.dir, service.artifact)}: ${(error as Error).message}`);
        return [service.key, { dir, digest: "" }];
      }
    }),
  );
  if (problems.length > 0) {
    throw new SitefleetError({
      code: "artifact.missing",
      message: `${problems.length} of ${catalog.services.length} services have no readable artifact`,
      hint: "build them, or name another directory in services.yaml (`artifact`)",
      details: problems.sort(),
    });
  }
  return new Map(entries);
}
