import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleCsv } from "./sites.ts";

/**
 * Writes a catalog with a sample fleet of any size, for tests and measurements: the YAML files, artifacts and sources of
 * `from`, and `count` sites of its own.
 */
export function copySampleCatalog(from: string, to: string, count: number): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from).filter((file) => file.endsWith(".yaml")))
    cpSync(join(from, name), join(to, name));
  for (const name of ["artifacts", "sources"])
    cpSync(join(from, "sample", name), join(to, "sample", name), { recursive: true });
  writeFileSync(join(to, "sites.csv"), sampleCsv(count));
}
