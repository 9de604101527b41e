import type { z } from "zod";
import { plainLine } from "../../errors/plain.ts";
import { formatSeconds } from "../../operations/kit/duration.ts";
import type { QualityEvent } from "../../operations/quality/events.ts";
import type { QualityRun } from "../../operations/quality-run.ts";
import type { ShownQuality } from "../../operations/quality-show.ts";
import type { qualityStatus } from "../../operations/quality-status.ts";
import { type QualityResult, saidOf } from "../../quality/index.ts";
import type { Shows } from "../stoppable.ts";
import { plural, print, say, table } from "./style.ts";

/** Findings of one check that are shown. */
const SHOWN = 10;
/** Points of a trend that are shown. */
const POINTS = 10;

/** Shows how checks go on. */
export class QualityTeller implements Shows<QualityEvent> {
  readonly stopping = "stopping; what was found so far is kept, and quality run --resume does the rest";
  #left = 0;

  emit(event: QualityEvent): void {
    if (event.event === "notice") say(event.text);
    if (event.event === "planned") {
      const { checks, left, pages, runs, browsers, seconds } = event;
      this.#left = left;
      const done = checks - left;
      say(`${plural(left, "check")} to do${done === 0 ? "" : `, ${done} done before`}`);
      if (pages > 0)
        say(
          `Lighthouse: ${plural(pages, "page")}, ${plural(runs, "run")} in all, ${plural(browsers, "browser")} at once: about ${formatSeconds(seconds)}`,
        );
    }
    if (event.event !== "check-ended") return;
    const { subject, check, state, said, seconds } = event;
    this.#left--;
    say(
      `${subject.kind} ${subject.key}: ${check}: ${state}${said === "" ? "" : `: ${said}`} (${formatSeconds(seconds)}; ${this.#left} left)`,
    );
  }
}

/** Shows what a run came to. */
export function showRun({ results, files, issue }: QualityRun): void {
  const rows = results.map((one) => [
    one.subject.kind,
    one.subject.key,
    one.check,
    one.state,
    plainLine(saidOf(one), 120),
  ]);
  if (rows.length > 0) print(table([["what", "key", "check", "state", "figures"], ...rows]));
  for (const one of results) if (one.state === "fail") showFindings(one);
  const count = (state: QualityResult["state"]) => results.filter((one) => one.state === state).length;
  say(`${count("pass")} pass, ${count("fail")} fail, ${count("not-run")} not run`);
  if (issue.did !== "none" || issue.reason !== undefined)
    say(`issue: ${issue.did} ${issue.reason ?? issue.url ?? ""}`.trimEnd());
  for (const file of files) say(`wrote ${file}`);
}

function showFindings({ subject, check, findings, found }: QualityResult): void {
  if (findings.length === 0) return;
  print(`\n${subject.kind} ${subject.key}, ${check}: ${found} found`);
  for (const { rule, message, file, line } of findings.slice(0, SHOWN)) {
    const place = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
    // Harmless lines already: made so before they were kept.
    print(`  ${rule}: ${message}${place}`);
  }
  if (found > SHOWN) print(`  … and ${found - SHOWN} more`);
}

/** Shows how checks stand. */
export function showStatus({ checks }: z.input<typeof qualityStatus.output>): void {
  const rows = checks.map(({ subject, check, state, at, reason, asked, blocks }) => [
    subject.kind,
    subject.key,
    check,
    state,
    at?.slice(0, 16) ?? "",
    asked.length === 0 ? "" : blocks.length === 0 ? "yes" : `blocks ${blocks.join(", ")}`,
    plainLine(reason ?? "", 100),
  ]);
  print(table([["what", "key", "check", "state", "ran", "asked before", "why"], ...rows]));
}

/** Shows what is kept of one subject. */
export function showFound({ results, trend }: ShownQuality): void {
  if (results.length === 0) say("nothing was checked of it yet: sitefleet quality run");
  for (const one of results) {
    print(`${one.check}: ${one.state} at ${one.at.slice(0, 16)}: ${plainLine(saidOf(one), 200)}`);
    showFindings(one);
  }
  if (trend.length === 0) return;
  const names = [...new Set(trend.flatMap(({ values }) => Object.keys(values)))];
  const rows = trend
    .slice(-POINTS)
    .map(({ at, values }) => [at.slice(0, 16), ...names.map((name) => values[name] ?? "")]);
  print(`\n${table([["lighthouse", ...names], ...rows])}`);
}
