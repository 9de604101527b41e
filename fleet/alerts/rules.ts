import { existsSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type AlertRule, formatProblem, type Problem, readAlerts } from "../../model/index.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { FAMILIES, type FamilyName } from "../metrics/index.ts";
import { type Expression, metricsIn } from "./promql/expression.ts";
import { parseExpression, Refused } from "./promql/parse.ts";

/** A rule that both engines judge alike. */
export interface Rule extends Omit<AlertRule, "for"> {
  readonly expression: Expression;
  /** As it is written. */
  readonly for: string;
  readonly forMs: number;
}

/** The directory of the rules of a catalog: its own, or what is used where it has none. */
const alertsDirOf = (catalogDir: string): string =>
  existsSync(join(catalogDir, "alerts.yaml")) ? catalogDir : join(PROJECT_ROOT, "monitoring");

/** What is wrong with the rules of a catalog. */
export const alertProblems = (catalogDir: string): readonly Problem[] =>
  readAlerts(alertsDirOf(catalogDir), faultsOf).problems;

/** The rules of a catalog. @throws SitefleetError `alerts.invalid` with every problem */
export function readRules(catalogDir: string): readonly Rule[] {
  const { rules, problems } = readAlerts(alertsDirOf(catalogDir), faultsOf);
  if (problems.length > 0)
    throw new SitefleetError({
      code: "alerts.invalid",
      message:
        problems.length === 1
          ? "a rule of alerts.yaml cannot be used"
          : `${problems.length} things of alerts.yaml are wrong`,
      hint: "docs/reference/alerts.md has what rules may say",
      details: problems.map(formatProblem),
    });
  return rules.map((rule) => ({ ...rule, expression: parseExpression(rule.expr), forMs: msOf(rule.for) }));
}

const msOf = (text: string): number => Number.parseInt(text, 10) * (text.endsWith("h") ? 3_600_000 : 60_000);

/** A label in a summary: the only thing that both engines write alike. */
export const LABEL = /\{\{ *\$labels\.([a-z_]+) *\}\}/g;

function faultsOf({ expr, summary }: AlertRule) {
  try {
    const labels = new Set<string>(
      metricsIn(parseExpression(expr)).flatMap((name: FamilyName) => FAMILIES[name].labels),
    );
    const unknown = [...summary.matchAll(LABEL)].map(([, label = ""]) => label).filter((label) => !labels.has(label));
    const wrong = unknown.map((label) => `names the label ${label}, which no series of the rule has`);
    if (/\{\{|\}\}/.test(summary.replace(LABEL, ""))) wrong.push("has a template that is no label");
    return wrong.map((one) => ({
      field: "summary" as const,
      wrong: one,
      allowed: "{{ $labels.NAME }} of a label of its series",
    }));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return [{ field: "expr" as const, wrong: error.message, allowed: "what docs/reference/alerts.md lists" }];
  }
}
