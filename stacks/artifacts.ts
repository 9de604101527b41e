import { isAbsolute, join, relative, resolve } from "node:path";
import type { Catalog } from "../catalog/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { artifactDigest } from "../plesk/artifact/index.ts";
import type { ArtifactInfo } from "./desired.ts";

/**
 * Reads the built artifacts of all services. Directories are given relative to the project's root where they lie inside
 * it, so that a stack's inputs are the same on every machine.
 *
 * @throws SitefleetError `artifact.missing` naming every service without a readable artifact
 */
export async function readArtifacts(catalog: Catalog, root: string): Promise<Map<string, ArtifactInfo>> {
  const problems: string[] = [];
  const entries = await Promise.all(
    catalog.services.map(async (service): Promise<[string, ArtifactInfo]> => {
      const path = resolve(root, catalog.dir, service.artifact);
      const inside = relative(root, path);
      const dir = inside.startsWith("..") || isAbsolute(inside) ? path : inside;
      try {
        return [
          service.key,
          { dir, digest: await artifactDigest(path, { kind: service.kind, exclude: service.exclude }) },
        ];
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
