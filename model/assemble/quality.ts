import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { type Quality, QualityFile } from "../shape/quality.ts";
import { checkShape, salvage } from "./salvage.ts";

/** Reads quality.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildQuality(file: YamlFile, report: Report): Entry<Quality> | undefined {
  checkShape(file, QualityFile, report);
  return salvage(QualityFile, file, [], file.value) as Entry<Quality> | undefined;
}
