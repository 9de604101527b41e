import { z } from "zod";
import type { Sample } from "../metrics/index.ts";
import { Ambiguous, evaluate, keyOf, type Series } from "./promql/evaluate.ts";
import { LABEL, type Rule } from "./rules.ts";

/** After so long without a look, ms, what has lasted until then counts from now on: Prometheus looks back as far. */
const GAP_MS = 300_000;

/** An alert that is on, or will be when it lasts. Times in ms since 1970. */
export const activeSchema = z.object({
  alert: z.string(),
  labels: z.record(z.string(), z.string()),
  since: z.number(),
  firingSince: z.number().optional(),
  value: z.number(),
});
/** See {@link activeSchema}. */
export type Active = z.infer<typeof activeSchema>;

/** An alert that has begun to fire, or has ended. */
export interface Transition {
  readonly change: "firing" | "resolved";
  readonly rule: Rule;
  readonly active: Active;
}

/** What a look came to. */
export interface Look {
  readonly active: readonly Active[];
  readonly transitions: readonly Transition[];
  /** Rules that give no answer for these samples; what they have raised stays as it was. */
  readonly failed: readonly { readonly alert: string; readonly reason: string }[];
}

const idOf = ({ alert, labels }: Pick<Active, "alert" | "labels">): string => `${alert} ${keyOf(labels)}`;

/**
 * Looks at the samples once, as Prometheus does at each evaluation: a series that a rule gives is an alert, which fires once it has
 * lasted for the rule's time without a look at which it was missing. Pure.
 *
 * @param before what was on at the last look @param lastAt when that was, ms since 1970 @param now ms since 1970
 */
export function lookAt(
  rules: readonly Rule[],
  samples: readonly Sample[],
  before: readonly Active[],
  lastAt: number | undefined,
  now: number,
): Look {
  const known = new Map(before.map((one) => [idOf(one), one]));
  const gap = lastAt === undefined || now - lastAt > GAP_MS;
  const failed: Look["failed"][number][] = [];
  const active: Active[] = [];
  const transitions: Transition[] = [];
  for (const rule of rules) {
    const own = before.filter(({ alert }) => alert === rule.alert);
    const series = seriesOf(rule, samples, now);
    if (!Array.isArray(series)) {
      failed.push({ alert: rule.alert, reason: series as string });
      active.push(...own);
      continue;
    }
    const next = (series as readonly Series[]).map(({ labels, value }): Active => {
      const earlier = known.get(idOf({ alert: rule.alert, labels }));
      const since = earlier !== undefined && (earlier.firingSince !== undefined || !gap) ? earlier.since : now;
      const firingSince = earlier?.firingSince ?? (now - since >= rule.forMs ? now : undefined);
      return { alert: rule.alert, labels, since, firingSince, value };
    });
    active.push(...next);
    const ids = new Set(next.map(idOf));
    for (const one of next)
      if (one.firingSince === now && known.get(idOf(one))?.firingSince === undefined)
        transitions.push({ change: "firing", rule, active: one });
    for (const one of own)
      if (one.firingSince !== undefined && !ids.has(idOf(one)))
        transitions.push({ change: "resolved", rule, active: one });
  }
  // A rule that is gone ends what it has raised, and there is no one left to tell of it.
  return { active, transitions, failed };
}

function seriesOf({ expression }: Rule, samples: readonly Sample[], now: number): readonly Series[] | string {
  try {
    return evaluate(expression, samples, now);
  } catch (error) {
    if (error instanceof Ambiguous) return error.message;
    throw error;
  }
}

/** The summary of a rule for one alert; a label that it lacks is empty. Pure. */
export const summaryOf = ({ summary }: Pick<Rule, "summary">, { labels }: Pick<Active, "labels">): string =>
  summary.replace(LABEL, (_, label: string) => (Object.hasOwn(labels, label) ? (labels[label] ?? "") : ""));
