/** When a person is told: rules, judged by Prometheus or here, always alike. docs/reference/alerts.md */
export { takeLook, toldOf } from "./book.ts";
export { lookAt } from "./engine.ts";
export { alertmanagerFile, routeCases } from "./files/alertmanager.ts";
export { casesOf } from "./files/cases.ts";
export { ruleFile, ruleTests } from "./files/prometheus.ts";
export { evaluate } from "./promql/evaluate.ts";
export { parseExpression } from "./promql/parse.ts";
export { alertProblems, type Rule, readRules } from "./rules.ts";
