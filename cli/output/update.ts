import { type HealthResult, rank } from "../../fleet/health/index.ts";
import { changesOf, leftForLater, succeeded, summarise } from "../../fleet/run/summary.ts";
import type { Context } from "../context.ts";
import { reviewedLines } from "../review.ts";
import type { UpRun } from "../update.ts";
import { sayRepair } from "./repair.ts";
import { forData, plural, print, printJson, say, table } from "./style.ts";
import { renderSummary } from "./summary.ts";

/** Exit codes when nothing failed and something is left for the next run, and when nobody can say how sites serve; see docs/reference/cli.md. */
const LATER = 3;
const INCONCLUSIVE = 4;
/** Sites that are named on a page for people. */
const NAMED = 20;

/** Prints what an update came to, and sets the exit code. */
export function showUpdate(context: Context, run: UpRun): void {
  const summary = summarise(run);
  const settled = worthTelling(run);
  const verdict = settled?.judged?.verdict;
  const newFail = settled?.fresh.some((one) => one.verdict === "fail") ?? false;
  for (const { repaired } of run.results) if (repaired) sayRepair(repaired);
  if (context.json) {
    const { calls } = run;
    printJson({
      ok: succeeded(run) && verdict !== "fail" && !newFail,
      run: run.run,
      ...summary,
      unopened: run.unopened,
      ...(run.touched ? { touched: run.touched } : {}),
      ...(run.reviewed ? { reviewed: run.reviewed } : {}),
      ...settledDocument(settled),
      ...(calls ? { calls } : {}),
    });
  } else {
    if (run.results.length + run.skipped.length > 0 || !settled) print(renderSummary(summary, true));
    const judged = renderSettled(run);
    if (judged !== "") print(judged);
    if (run.reviewed) print(reviewedLines(run.reviewed).join("\n"));
  }
  if (run.touched) say(`uses what has changed in the shared stack, and was not asked for: ${run.touched.join(", ")}`);
  if (!succeeded(run)) say(`what is left: sitefleet up --resume ${run.run}`);
  if (verdict === "fail" || newFail) process.exitCode ||= 1;
  else if (!succeeded(run)) process.exitCode ||= leftForLater(run) ? LATER : 1;
  else if (verdict === "inconclusive") process.exitCode ||= INCONCLUSIVE;
}

/** The parts `health` and `rollback` of the document for programs. */
function settledDocument(settled: UpRun["settled"]): object {
  if (settled?.judged === undefined && !settled?.fresh.length) return {};
  const { judged, results, fresh, wentBack, escalated } = settled;
  const { back, ...health } = judged ?? {};
  return {
    health: {
      ...health,
      failing: rank(results)
        .filter(({ result }) => result.verdict !== "pass")
        .map(({ result }) => shortOf(result)),
      ...(fresh.length > 0 ? { new: { sites: fresh.length, failing: fresh.filter(notPass).map(shortOf) } } : {}),
    },
    ...(back
      ? {
          rollback: {
            ...(wentBack ?? { ok: false, errors: [] }),
            done: escalated?.done ?? "interrupted",
            stacks: Object.keys(back.desired),
            hosts: back.hosts,
            bad: back.bad.map(({ repository, commit }) => `${repository}@${commit}`),
            stay: back.stay,
          },
        }
      : {}),
  };
}

/**
 * The judgement, but not that sites pass which no change of this run is known to have reached: that would read as if the run
 * had done its work.
 */
function worthTelling(run: UpRun): UpRun["settled"] {
  const { settled, results } = run;
  const nothing = results.length > 0 && changesOf(results) === 0 && !succeeded(run);
  return nothing && settled?.judged?.verdict === "pass" && settled.fresh.length === 0 ? undefined : settled;
}

/** How the sites were judged, as people read it. */
function renderSettled(update: UpRun): string {
  const { settled, run } = update;
  if (settled === undefined) return "";
  if (worthTelling(update) === undefined)
    return "nothing is known to have changed, and no site serves worse than before";
  const { judged, results, fresh, escalated } = settled;
  const parts: string[] = [];
  const wrong = [...rank(results).map(({ result }) => result), ...fresh].filter(notPass);
  if (wrong.length > 0) {
    const rows = wrong.slice(0, NAMED).map(({ verdict, id, reason }) => [verdict, id, reason]);
    const more = wrong.length > NAMED ? `\n… and ${wrong.length - NAMED} more` : "";
    parts.push(`${table([["verdict", "host", "why"], ...rows])}${more}`);
  }
  if (judged) {
    const { verdict, reason, evidence } = judged;
    const colour = verdict === "pass" ? forData.bold : verdict === "fail" ? forData.red : forData.yellow;
    parts.push(colour(`sites that changed: ${verdict}: ${reason}${evidence === undefined ? "" : ` (${evidence})`}`));
  }
  if (fresh.length > 0) {
    const well = fresh.filter(({ verdict }) => verdict === "pass").length;
    parts.push(`new sites: ${well} of ${plural(fresh.length, "site")} pass`);
  }
  if (escalated) parts.push(forData.bold(escalated.done));
  else if (judged?.back) parts.push(`going back was interrupted: sitefleet up --resume ${run} goes on with it`);
  return parts.join("\n\n");
}

const notPass = ({ verdict }: HealthResult): boolean => verdict !== "pass";
const shortOf = ({ id, verdict, reason }: HealthResult) => ({ id, verdict, reason });
