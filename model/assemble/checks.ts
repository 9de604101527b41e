import type { Checks } from "../check-types.ts";
import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { ChecksFile } from "../shape/checks.ts";
import { checkShape, ONCE, salvage } from "./salvage.ts";

/** What holds without checks.yaml. */
export function defaultChecks(): Checks {
  return ChecksFile.parse({}, ONCE);
}

/** Reads checks.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildChecks(file: YamlFile, report: Report): Entry<Checks> | undefined {
  checkShape(file, ChecksFile, report);
  return salvage(ChecksFile, file, [], file.value);
}
