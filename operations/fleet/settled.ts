import { type HealthResult, rank } from "../../fleet/health/index.ts";
import { changesOf, leftForLater, succeeded } from "../../fleet/run/summary.ts";
import type { UpRun } from "./update.ts";

/** Exit codes when nothing failed and something is left for the next run, and when the judgement is not sure; see docs/reference/cli.md. */
const LATER = 3;
const INCONCLUSIVE = 4;

/** A site that does not pass. Pure. */
export const notPass = ({ verdict }: HealthResult): boolean => verdict !== "pass";
const shortOf = ({ id, verdict, reason }: HealthResult) => ({ id, verdict, reason });

/** Whether the judgement is against what was changed or is new. Pure. */
export function judgedBad(run: UpRun): boolean {
  const settled = worthTelling(run);
  return settled?.judged?.verdict === "fail" || (settled?.fresh.some((one) => one.verdict === "fail") ?? false);
}

/** Exit code of an update: how it was judged goes before what is left. Pure. */
export function exitOf(run: UpRun): number {
  if (judgedBad(run)) return 1;
  if (!succeeded(run)) return leftForLater(run) ? LATER : 1;
  return worthTelling(run)?.judged?.verdict === "inconclusive" ? INCONCLUSIVE : 0;
}

/**
 * The judgement, except a pass of sites that no change of this run is known to have reached. To tell that pass would read as if the
 * run had done its work. Pure.
 */
export function worthTelling(run: UpRun): UpRun["settled"] {
  const { settled, results } = run;
  const nothing = results.length > 0 && changesOf(results) === 0 && !succeeded(run);
  return nothing && settled?.judged?.verdict === "pass" && settled.fresh.length === 0 ? undefined : settled;
}

/** The parts `health` and `rollback` of the document for programs. Pure. */
export function settledDocument(settled: UpRun["settled"]) {
  if (settled?.judged === undefined && !settled?.fresh.length) return {};
  const { judged, results, fresh, wentBack, escalated } = settled;
  const { back, ...health } = judged ?? {};
  return {
    health: {
      ...health,
      failing: rank(results)
        .filter(({ result }) => result.verdict !== "pass")
        .map(({ result }) => shortOf(result)),
      new: fresh.length > 0 ? { sites: fresh.length, failing: fresh.filter(notPass).map(shortOf) } : undefined,
    },
    rollback: back
      ? {
          ...(wentBack ?? { ok: false, errors: [] }),
          done: escalated?.done ?? "interrupted",
          stacks: Object.keys(back.desired),
          hosts: back.hosts,
          bad: back.bad.map(({ repository, commit }) => `${repository}@${commit}`),
          stay: back.stay,
        }
      : undefined,
  };
}
