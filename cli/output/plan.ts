import type { PlannedRun } from "../../fleet/budget/index.ts";
import type { PlanReport } from "../../fleet/budget/strategy/index.ts";
import { formatSeconds } from "../../operations/kit/duration.ts";
import { forData, plural, table } from "./style.ts";

/** `2026-11-23 02:00 UTC` */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const ENDED: Readonly<Record<PlannedRun["ended"], string>> = {
  done: "",
  "job-limit": "the job's limit",
  budget: "waits for a budget",
  window: "the quiet hours end",
};

/** The plan as people read it. */
export function renderPlan(report: PlanReport): string {
  const { strategy, startsAt, startReason, plan, notes } = report;
  const parts: string[] = [];
  parts.push(
    table([
      ["strategy", `${forData.bold(strategy.kind)}: ${strategy.reason}`],
      ["start", `${formatTime(startsAt)}: ${startReason}`],
      [
        "duration",
        plan.changes === 0 ? "nothing to do" : `${formatSeconds(plan.seconds)}, until ${formatTime(plan.endsAt)}`,
      ],
    ]),
  );
  if (plan.limits.length > 0) {
    const rows = plan.limits.map(({ key, amount, perSeconds, need, seconds, binds }) => [
      key,
      perSeconds === null ? `${amount} at once` : `${amount} / ${formatSeconds(perSeconds)}`,
      need,
      seconds === 0 ? "fits" : formatSeconds(seconds),
      binds ? `${formatTime(binds.from)} – ${formatTime(binds.until)}` : "",
    ]);
    parts.push(table([["limit", "allowed", "needed", "takes alone", "binds"], ...rows]));
  }
  if (plan.runs.length > 0) {
    const rows = plan.runs.map(({ number, startsAt, endsAt, stacks, changes, ended }) => [
      number,
      formatTime(startsAt),
      formatTime(endsAt),
      changes,
      namesOf(stacks.map(({ stack }) => stack)),
      ENDED[ended],
    ]);
    parts.push(table([["run", "starts", "ends", "changes", "stacks", "ended by"], ...rows]));
  }
  if (plan.left.length > 0) {
    const reasons = Map.groupBy(plan.left, ({ reason }) => reason);
    for (const [reason, list] of reasons) {
      parts.push(
        forData.yellow(`${plural(list.length, "stack")} left (${reason}): ${namesOf(list.map(({ stack }) => stack))}`),
      );
    }
  }
  if (notes.length > 0) parts.push(notes.map((note) => `note: ${note}`).join("\n"));
  return parts.join("\n\n");
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(" ");
  return names.length > 4 ? `${shown} … (${names.length})` : shown;
}
