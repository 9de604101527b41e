import { collector, type Problem, show, sortProblems } from "../problem.ts";
import { readText } from "../read/text.ts";
import { readYaml } from "../read/yaml.ts";
import { type AlertRule, AlertsFile } from "../shape/alerts.ts";
import { checkShape, ONCE } from "./salvage.ts";

/** Something that a rule cannot be used for. */
export interface AlertFault {
  readonly field: keyof AlertRule;
  readonly wrong: string;
  readonly allowed: string;
}

/** The rules of a file; none when something is wrong with it. */
export interface ReadAlerts {
  readonly rules: readonly AlertRule[];
  readonly problems: readonly Problem[];
}

/**
 * Reads a directory's alerts.yaml. Everything that is wrong is listed.
 *
 * @param judge Says what both engines would not judge alike.
 */
export function readAlerts(dir: string, judge: (rule: AlertRule) => readonly AlertFault[]): ReadAlerts {
  const { report, problems } = collector();
  const text = readText(dir, "alerts.yaml", report);
  const file = text && readYaml(text.file, text.text, report);
  if (file !== undefined) checkShape(file, AlertsFile, report);
  const read = AlertsFile.safeParse(file?.value, ONCE);
  if (file !== undefined && read.success) {
    const names = new Set<string>();
    for (const [index, rule] of read.data.rules.entries()) {
      const place = (field: string) => file.place(["rules", index, field]);
      if (names.has(rule.alert))
        report("alert.rule", place("alert"), `${show(rule.alert)} stands twice`, "a name of its own");
      names.add(rule.alert);
      for (const { field, wrong, allowed } of judge(rule)) report("alert.rule", place(field), wrong, allowed);
    }
  }
  return { rules: problems.length === 0 && read.success ? read.data.rules : [], problems: sortProblems(problems) };
}
