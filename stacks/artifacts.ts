import { posix, resolve } from "node:path";
import { hasCode } from "../errors/index.ts";
import type { Catalog, Service } from "../model/index.ts";
import { type ArtifactRules, artifactDigest } from "../plesk/artifact/index.ts";
import { CATALOG_PREFIX } from "../plesk/artifact/place.ts";
import type { ArtifactInfo } from "./desired.ts";

/** What of an artifact's directory is the release; the driver goes by the same. */
export function rulesOf({ kind, exclude, shared, webRoot }: Service): ArtifactRules {
  return { kind, exclude, shared, webRoot };
}

/**
 * Stands for the digest of an artifact that cannot be read: no content has it, so the driver refuses the service, saying why, and
 * also does when the artifact appears later, since it has not been reviewed.
 */
export const NO_ARTIFACT = "0".repeat(64);

/**
 * Reads the built artifacts of all services. A directory is named from the catalog (`catalog/…`), never from where the catalog lies:
 * a stack's inputs are then the same on every machine and from every place, and the driver finds the directory by `artifactPlace`. One
 * that cannot be read gets {@link NO_ARTIFACT}: a deployment of that service refuses it, and the others go on.
 */
export async function readArtifacts(catalog: Catalog, root: string): Promise<Map<string, ArtifactInfo>> {
  const entries = await Promise.all(
    catalog.services.map(async (service): Promise<[string, ArtifactInfo]> => {
      const path = resolve(root, catalog.dir, service.artifact);
      const dir = posix.normalize(CATALOG_PREFIX + service.artifact);
      try {
        return [service.key, { dir, digest: await artifactDigest(path, rulesOf(service)) }];
      } catch (error) {
        if (!hasCode(error, "plesk.artifact")) throw error;
        return [service.key, { dir, digest: NO_ARTIFACT }];
      }
    }),
  );
  return new Map(entries);
}
