import { describeHolder, type Holder } from "../../fleet/backend/locks/locks.ts";
import type { RolloutEvent, RolloutRecord, WaveState } from "../../fleet/releases/rollout/index.ts";
import { plural, table } from "./style.ts";

/** A rollout as a table: a line a wave. */
export function renderRollout(record: RolloutRecord): string {
  const rows = record.waves.map((wave) => [
    wave.name,
    whatIn(wave),
    wave.step,
    wave.figures ? `${wave.figures.failurePercent} % fail` : "",
    wave.reason ?? "",
  ]);
  const reason = record.reason === "" ? "" : `: ${record.reason}`;
  return `${table([["wave", "what", "step", "checked", "why"], ...rows])}\n\n${record.id} ${record.status}${reason}`;
}

/** Whether a process is at work on a rollout that is not over, in a line. */
export function runnerLine({ status }: RolloutRecord, holder: Holder | undefined): string | undefined {
  if (holder !== undefined) return `carried out by ${describeHolder(holder)}`;
  if (status !== "running" && status !== "aborting") return undefined;
  return "no process carries it out: sitefleet rollout resume goes on";
}

/** An event in a line for people. */
export function eventLine(event: RolloutEvent): string {
  const wave = "wave" in event ? `wave ${event.wave}: ` : "";
  switch (event.event) {
    case "started":
      return `rollout in ${plural(event.waves.length, "wave")}`;
    case "wave-started":
      return `${wave}starts`;
    case "wave-applied":
      return `${wave}is live; judged from ${event.soakUntil}`;
    case "wave-failed":
      return `${wave}failed: ${event.errors.join("; ")}`;
    case "soak-skipped":
      return `${wave}not waited for any longer (${event.by})`;
    case "wave-checked":
      return `${wave}${event.verdict}: ${event.reason}${event.evidence ? ` (${event.evidence})` : ""}`;
    case "wave-accepted":
      return `${wave}accepted by ${event.by}`;
    case "wave-rolled-back":
      return `${wave}rolled back; remembered as bad: ${event.bad.join(", ") || "nothing"}`;
    case "wave-held":
      return `${wave}does not go back by itself: ${event.reason}`;
    case "escalated":
      return `${wave}ESCALATED: ${event.reason}; ${event.done}`;
    case "paused":
      return `paused: ${event.reason}`;
    case "resumed":
      return `goes on (${event.by})`;
    case "aborting":
      return `aborted by ${event.by}${event.keep ? "; what is live stays" : ""}`;
    case "went-back":
      return event.kept.length > 0 ? `went back, but for ${event.kept.join("; ")}` : "everything went back";
    case "ended":
      return `ended, ${event.outcome}: ${event.reason}`;
  }
}

/** Services that a line names. */
const NAMED = 8;

/** What a wave brings. */
function whatIn({ kind, hosts, services = [] }: WaveState): string {
  if (kind === "shared") return "prod";
  if (kind !== "services") return plural(Object.values(hosts).flat().length, "site");
  const more = services.length - NAMED;
  return more > 0 ? `${services.slice(0, NAMED).join(", ")} and ${more} more` : services.join(", ");
}
