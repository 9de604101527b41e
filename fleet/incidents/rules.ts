import type { IncidentLimits } from "../../model/index.ts";
import type { Figures } from "../backend/journal/verdict.ts";
import type { Observation } from "./types.ts";

/** A slowdown counts from so many ms on: what is fast may double unseen (docs/reference/health-gate.md). */
const SLOWDOWN_FLOOR_MS = 100;
/** The fewest answers with a usual time that a median says something of. */
const FEWEST_COMPARED = 3;

const percent = (value: number): string => `${Math.round(value * 10) / 10} %`;

/** What the figures of a check come to. Nothing is said of what could not be judged. Pure. */
export function ofFigures(scope: string, figures: Figures, limits: IncidentLimits): Observation[] {
  const judged = figures.sites - figures.inconclusive;
  const failure: Observation[] =
    judged <= 0
      ? []
      : [
          {
            rule: "failure-rate",
            scope,
            firing: figures.failurePercent > limits.failurePercent,
            sentence: `${figures.failed} of ${judged} sites fail, ${percent(figures.failurePercent)}; ${percent(limits.failurePercent)} may${examplesOf(figures.examples)}`,
          },
        ];
  if (figures.compared < FEWEST_COMPARED) return failure;
  const slow = figures.slowdownPercent > limits.slowdownPercent && figures.slowdownMs > SLOWDOWN_FLOOR_MS;
  const sentence = `half of the sites are ${percent(figures.slowdownPercent)} (${Math.round(figures.slowdownMs)} ms) slower than usual; ${percent(limits.slowdownPercent)} may be`;
  return [...failure, { rule: "slowdown", scope, firing: slow, sentence }];
}

const examplesOf = (examples: readonly string[]): string =>
  examples.length === 0 ? "" : `: ${examples.slice(0, 3).join(", ")}`;

/** What a day costs more than usual, euro. Pure. */
export function ofCost(scope: string, aboveUsual: number, { costPerDay }: IncidentLimits): Observation {
  const firing = aboveUsual > costPerDay;
  return {
    rule: "cost-spike",
    scope,
    firing,
    sentence: `€${aboveUsual.toFixed(2)} a day above what is usual; €${costPerDay} may be`,
  };
}

/** What a comparison with the vendors found. Pure. */
export function ofDrift(scope: string, changes: number, examples: readonly string[]): Observation {
  const named = examplesOf(examples);
  const sentence =
    changes === 0 ? "everything is as declared" : `${changes} ${changes === 1 ? "change" : "changes"} by hand${named}`;
  return { rule: "undeclared-drift", scope, firing: changes > 0, sentence };
}

/** What a connection to a host found. Pure. */
export const ofHostKey = (scope: string, changed: boolean): Observation => ({
  rule: "host-key-changed",
  scope,
  firing: changed,
  sentence: changed
    ? `${scope} shows a key that is not pinned: a new host, or someone in between`
    : `${scope} shows its pinned key`,
});
