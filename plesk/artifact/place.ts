import { isAbsolute, join, resolve } from "node:path";
import { environment } from "../../environment/index.ts";

/** What the catalog's own directory is called in a document, wherever it lies. */
export const CATALOG_PREFIX = "catalog/";

/** Names the catalog's directory: absolute, or relative to the working directory. @default `catalog` in the working directory */
const CATALOG_VARIABLE = "SITEFLEET_CATALOG";

/**
 * Where an artifact lies on this machine. A document says `catalog/…` for a place in the catalog, so that the same content gives
 * the same document on every machine and from every place; the environment says where the catalog is.
 *
 * @param dir As the document has it.
 * @returns an absolute directory
 */
export function artifactPlace(
  dir: string,
  env: NodeJS.ProcessEnv = environment(),
  cwd: string = process.cwd(),
): string {
  const catalog = env[CATALOG_VARIABLE];
  if (isAbsolute(dir) || !dir.startsWith(CATALOG_PREFIX) || catalog === undefined || catalog === "")
    return resolve(cwd, dir);
  return join(resolve(cwd, catalog), dir.slice(CATALOG_PREFIX.length));
}
