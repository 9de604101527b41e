import { existsSync } from "node:fs";
import { join } from "node:path";
import { collector, type Entry, type Problem, type Report } from "../problem.ts";
import { readText } from "../read/text.ts";
import { readYaml, type YamlFile } from "../read/yaml.ts";
import { type Flows, FlowsFile } from "../shape/flows.ts";
import { checkShape, salvage } from "./salvage.ts";

const NAME = "flows.yaml";

/** Reads flows.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildFlows(file: YamlFile, report: Report): Entry<Flows> | undefined {
  checkShape(file, FlowsFile, report, (path) => path.at(-1) === "url");
  return salvage(FlowsFile, file, [], file.value);
}

/** Reads flows.yaml alone. Undefined when there is none; `problems` when it cannot be used. Its rules are checked with the whole catalog. */
export function readFlows(dir: string): { readonly flows?: Flows; readonly problems: readonly Problem[] } | undefined {
  if (!existsSync(join(dir, NAME))) return undefined;
  const { report, problems } = collector();
  const text = readText(dir, NAME, report);
  const file = text && readYaml(text.file, text.text, report);
  const flows = file && buildFlows(file, report)?.value;
  return { flows: problems.length === 0 ? flows : undefined, problems };
}
