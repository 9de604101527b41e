import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import type { RolloutRules } from "../rollout-types.ts";
import { RolloutFile } from "../shape/rollout.ts";
import { checkShape, ONCE, salvage } from "./salvage.ts";

/** What holds without rollout.yaml. */
export function defaultRollout(): RolloutRules {
  return RolloutFile.parse({}, ONCE);
}

/** Reads rollout.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildRollout(file: YamlFile, report: Report): Entry<RolloutRules> | undefined {
  checkShape(file, RolloutFile, report);
  return salvage(RolloutFile, file, [], file.value);
}
