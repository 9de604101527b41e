import type { FamilyName } from "../../metrics/index.ts";

/** Operators between two values. */
export const ARITHMETIC = ["+", "-", "*", "/"] as const;
export const COMPARISONS = [">", ">=", "<", "<=", "==", "!="] as const;
export const SETS = ["and", "or", "unless"] as const;
/** Aggregations over series. */
export const AGGREGATES = ["sum", "min", "max", "avg", "count"] as const;

/** A condition on a label. A label that a series lacks counts as empty. */
export interface Matcher {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** Which labels two sides are matched by: all, only these, or all but these. */
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
}

/** The part of PromQL in which Prometheus and `sitefleet watch` agree: what holds at one moment. */
export type Expression =
  | { readonly is: "number"; readonly value: number }
  | { readonly is: "time" }
  | { readonly is: "select"; readonly metric: FamilyName; readonly matchers: readonly Matcher[] }
  | { readonly is: "absent"; readonly of: Extract<Expression, { is: "select" }> }
  | {
      readonly is: "aggregate";
      readonly op: (typeof AGGREGATES)[number];
      readonly by: readonly string[];
      readonly of: Expression;
    }
  | {
      readonly is: "binary";
      readonly op: (typeof ARITHMETIC)[number] | (typeof COMPARISONS)[number] | (typeof SETS)[number];
      readonly left: Expression;
      readonly right: Expression;
      readonly matching: Matching | undefined;
    };

/** Does it give series, or one number? Pure. */
export function isVector(expression: Expression): boolean {
  if (expression.is === "binary") return isVector(expression.left) || isVector(expression.right);
  return expression.is !== "number" && expression.is !== "time";
}

/** Every metric that it reads. Pure. */
export function metricsIn(expression: Expression): FamilyName[] {
  switch (expression.is) {
    case "select":
      return [expression.metric];
    case "absent":
    case "aggregate":
      return metricsIn(expression.of);
    case "binary":
      return [...metricsIn(expression.left), ...metricsIn(expression.right)];
    default:
      return [];
  }
}
