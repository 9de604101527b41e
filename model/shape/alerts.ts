import { z } from "zod";
import { text, Words } from "./values.ts";

const RuleShape = z.strictObject({
  alert: text(/^[A-Z][A-Za-z0-9]{0,63}$/, "a name like ServiceDown").meta({ description: "Its name, unique." }),
  expr: z.string().min(1).max(1000).meta({ description: "PromQL: every series that it gives is an alert." }),
  for: text(
    /^(?:[1-9]\d{0,3}m|[1-9]\d{0,2}h|0m)$/,
    "whole minutes or hours like 15m or 1h: both engines look once a minute",
  )
    .default("0m")
    .meta({ description: "How long it must last." }),
  severity: z.enum(["critical", "warning"]).meta({ description: "critical: told at once, in quiet hours too." }),
  summary: Words.meta({ description: "What a person reads; {{ $labels.NAME }} stands for a label." }),
});
/** A rule by which a person is told. */
export type AlertRule = z.output<typeof RuleShape>;

/** alerts.yaml. */
export const AlertsFile = z.strictObject({
  rules: z.array(RuleShape).min(1).max(200).meta({ description: "In the order in which they are told." }),
});
