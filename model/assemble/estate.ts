import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { type Estate, EstateFile } from "../shape/estate.ts";
import { checkShape, ONCE, salvage } from "./salvage.ts";

/** What holds without estate.yaml. */
export function defaultEstate(): Estate {
  return EstateFile.parse({}, ONCE);
}

/** Reads estate.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildEstate(file: YamlFile, report: Report): Entry<Estate> | undefined {
  checkShape(file, EstateFile, report);
  return salvage(EstateFile, file, [], file.value);
}
