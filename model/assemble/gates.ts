import { collector, type Entry, formatProblem, type Report } from "../problem.ts";
import { readYaml, type YamlFile } from "../read/yaml.ts";
import { gateRules } from "../rules/gates.ts";
import { type Approvers, ApproversFile, type Gates, GatesFile } from "../shape/gates.ts";
import { checkShape, ONCE, salvage } from "./salvage.ts";

/** What holds without gates.yaml. */
export const defaultGates = (): Gates => GatesFile.parse({}, ONCE);

/** Reads gates.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildGates(file: YamlFile, report: Report): Entry<Gates> | undefined {
  checkShape(file, GatesFile, report);
  return salvage(GatesFile, file, [], file.value) as Entry<Gates> | undefined;
}

/** Reads approvers.yaml. Undefined when it cannot be used; its problems have been reported. */
export function buildApprovers(file: YamlFile, report: Report): Entry<Approvers> | undefined {
  checkShape(file, ApproversFile, report);
  return salvage(ApproversFile, file, [], file.value) as Entry<Approvers> | undefined;
}

/** Both files from texts that do not lie in the catalog, e.g. as they are on another branch. @returns their problems in lines, when there are some */
export function readGates(texts: { readonly gates?: string | undefined; readonly approvers?: string | undefined }): {
  readonly gates?: Gates | undefined;
  readonly approvers?: Approvers | undefined;
  readonly problems: string[];
} {
  const { report, problems } = collector();
  const yaml = (name: string, text: string | undefined) =>
    text === undefined ? undefined : readYaml(name, text, report);
  const [gatesFile, approversFile] = [yaml("gates.yaml", texts.gates), yaml("approvers.yaml", texts.approvers)];
  const gates = gatesFile && buildGates(gatesFile, report);
  const approvers = approversFile && buildApprovers(approversFile, report);
  gateRules({ gates, approvers }, report);
  return { gates: gates?.value, approvers: approvers?.value, problems: problems.map(formatProblem) };
}
