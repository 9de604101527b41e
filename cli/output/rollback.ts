import type { z } from "zod";
import { succeeded, summarise } from "../../fleet/run/summary.ts";
import { lossLines, someOf } from "../../operations/rollback/losses.ts";
import type { RolledBack } from "../../operations/rollback.ts";
import type { rollbackList } from "../../operations/rollback-list.ts";
import type { PreviewedRollback } from "../../operations/rollback-preview.ts";
import { renderChangeSet } from "./change-set.ts";
import { renderHealth } from "./health.ts";
import { forData, print, say, table } from "./style.ts";
import { renderSummary } from "./summary.ts";

/** Shows what going back would do. @param write Writes the change set. */
export function showPreview({ set, targets, losses }: PreviewedRollback, write: (text: string) => void): void {
  write(renderChangeSet({ ...set, undo: undefined }, "terminal").trimEnd());
  for (const { stack, goals, from } of targets)
    for (const { hosts, to } of goals) say(`${hosts ? someOf(hosts) : stack}: from version ${from} to ${to}`);
  for (const line of lossLines(losses)) say(forData.yellow(line));
}

/** Prints what a rollback came to. */
export function printRolledBack({ run, health }: RolledBack): void {
  print(renderSummary(summarise(run), true));
  if (health) print(renderHealth(health.results, health.report, undefined));
}

/** Says what a rollback has left to do. */
export function sayWhatIsLeft({ run, health, rebuilt }: RolledBack): void {
  if (rebuilt.length > 0) say(`built anew, since the old deployment was gone: ${someOf(rebuilt)}`);
  if (!succeeded(run)) say(`what is left: sitefleet rollback --resume ${run.run}`);
  else if (health?.report.verdict === "fail")
    say("everything went back, and some sites do not answer as they should: sitefleet health");
  else say("the next preview shows how the catalog differs from what is live now");
}

/** Versions as people read them. */
export function renderVersions(versions: z.input<typeof rollbackList.output>): string {
  const rows = versions.map(({ stack, version, startedAt, ok, whole }) => [
    stack,
    version,
    startedAt,
    ok ? "ok" : "failed",
    whole ? "yes" : "no",
  ]);
  return table([["stack", "version", "started", "result", "restorable"], ...rows]);
}
