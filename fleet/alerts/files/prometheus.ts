import { stringify } from "yaml";
import { summaryOf } from "../engine.ts";
import type { Series } from "../promql/evaluate.ts";
import type { Rule } from "../rules.ts";
import type { RuleCase, TestSeries } from "./cases.ts";

const HEAD = "# Made from alerts.yaml by `sitefleet alerts --out`; change that file.\n";
const LINES = { lineWidth: 0 } as const;
/** Both engines look once a minute: `for` of a rule is counted in that. */
const INTERVAL = "1m";

/** Prometheus' rule file. Pure. */
export function ruleFile(rules: readonly Rule[]): string {
  const group = {
    name: "sitefleet",
    interval: INTERVAL,
    rules: rules.map(({ alert, expr, for: lasts, severity, summary }) => ({
      alert,
      expr: expr.trim(),
      ...(lasts === "0m" ? {} : { for: lasts }),
      labels: { severity },
      annotations: { summary },
    })),
  };
  return HEAD + stringify({ groups: [group] }, LINES);
}

/** The file for `promtool test rules`. Pure. */
export function ruleTests(cases: readonly RuleCase[]): string {
  const tests = cases.map(({ rule, name, series, expect }) => ({
    name,
    interval: INTERVAL,
    input_series: series.map((one) => ({ series: seriesText(one), values: valuesText(one.values) })),
    alert_rule_test: expect.map(({ minute, firing }) => ({
      eval_time: `${minute}m`,
      alertname: rule.alert,
      exp_alerts: firing.map((labels) => ({
        exp_labels: { severity: rule.severity, ...labels },
        exp_annotations: { summary: summaryOf(rule, { labels }) },
      })),
    })),
  }));
  return HEAD + stringify({ rule_files: ["sitefleet.rules.yml"], evaluation_interval: INTERVAL, tests }, LINES);
}

const quoted = (labels: Series["labels"]): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",");
const seriesText = ({ metric, labels }: TestSeries): string =>
  Object.keys(labels).length === 0 ? metric : `${metric}{${quoted(labels)}}`;

/** Values in promtool's language: a series that goes missing is marked stale, as a scrape without it does. */
function valuesText(values: readonly (number | undefined)[]): string {
  return values
    .map((value, at) => (value !== undefined ? String(value) : at > 0 && values[at - 1] !== undefined ? "stale" : "_"))
    .join(" ");
}
