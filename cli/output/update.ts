import type { z } from "zod";
import { rank } from "../../fleet/health/index.ts";
import { succeeded, summarise } from "../../fleet/run/summary.ts";
import { reviewedLines } from "../../operations/fleet/review.ts";
import { notPass, worthTelling } from "../../operations/fleet/settled.ts";
import type { UpRun } from "../../operations/fleet/update.ts";
import type { up } from "../../operations/up.ts";
import type { Context } from "../context.ts";
import { sayRepair } from "./repair.ts";
import { forData, plural, print, printJson, say, table } from "./style.ts";
import { renderSummary } from "./summary.ts";

/** Sites that are named on a page for people. */
const NAMED = 20;

/** Prints what an update came to. */
export function showUpdate(context: Context, run: UpRun, document: z.input<typeof up.output>): void {
  for (const { repaired } of run.results) if (repaired) sayRepair(repaired);
  if (context.json) printJson(document);
  else {
    const nothing = run.results.length + run.skipped.length === 0;
    if (!nothing || !worthTelling(run)) print(renderSummary(summarise(run), true));
    const judged = renderSettled(run);
    if (judged !== "") print(judged);
    if (run.reviewed) print(reviewedLines(run.reviewed).join("\n"));
  }
  if (run.touched) say(`uses what has changed in the shared stack, and was not asked for: ${run.touched.join(", ")}`);
  if (!succeeded(run)) say(`what is left: sitefleet up --resume ${run.run}`);
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
