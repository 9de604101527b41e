import { type HealthResult, type Ranked, type Report, rank } from "../../fleet/health/index.ts";
import type { HealthEvent } from "../../operations/health.ts";
import type { Shows } from "../stoppable.ts";
import { forData, forPeople, plural, table } from "./style.ts";

/** Targets that are named on a page for people; JSON and the evidence have all. */
const NAMED = 40;
/** How often the line of a terminal is drawn, and elsewhere a line is written, ms. */
const DRAW_MS = 120;
const LINE_MS = 5_000;

/** Results as people read them: failures first, then doubts, then what is slow; the summary is never cut. */
export function renderHealth(results: readonly HealthResult[], report: Report, evidence: string | undefined): string {
  const shown = rank(results).filter(
    ({ result, slow }) => result.verdict !== "pass" || slow || results.length <= NAMED,
  );
  const parts: string[] = [];
  if (shown.length > 0) {
    const rows = shown.slice(0, NAMED).map(rowOf);
    const more = shown.length > NAMED ? `… and ${shown.length - NAMED} more: --json, or the evidence` : "";
    parts.push([table([["verdict", "host", "ms", "usual", "why"], ...rows]), more].filter(Boolean).join("\n"));
  }
  const failing = Object.entries(report.failing).sort(([, a], [, b]) => b - a);
  if (failing.length > 0) parts.push(table([["fails in", "hosts"], ...failing]));
  if (evidence !== undefined && report.verdict !== "pass") parts.push(`evidence: ${evidence}`);
  const { pass, fail, inconclusive } = report.counts;
  const compared =
    report.slowdown.compared === 0
      ? ""
      : `, ${Math.abs(report.slowdown.percent).toFixed(0)} % ${report.slowdown.percent < 0 ? "faster" : "slower"} than usual`;
  parts.push(
    forData.bold(
      `${pass} pass, ${fail} fail, ${inconclusive} inconclusive${compared} (${report.seconds.toFixed(1)} s)`,
    ),
  );
  return parts.join("\n\n");
}

function rowOf({ result, slow }: Ranked): (string | number)[] {
  const [one] = result.vantages;
  const ms = (value: number | undefined) => (value === undefined ? "" : Math.round(value));
  const verdict = result.verdict === "pass" && slow ? "slow" : result.verdict;
  return [verdict, result.id, ms(one?.milliseconds), ms(one?.baselineMs), result.reason];
}

/** Shows how checks go on; what a signal does to them is said once they have ended. */
export class HealthTeller implements Shows<HealthEvent> {
  readonly stopping = "";
  #progress: HealthProgress | undefined;

  emit(event: HealthEvent): void {
    if (event.event === "begun") this.#progress = new HealthProgress(event.total);
    else if (event.event === "checked") this.#progress?.add(event);
    else this.#progress?.end();
  }
}

/** Shows how checks go on: one line that redraws on a terminal, a line every few seconds elsewhere. */
class HealthProgress {
  readonly #total: number;
  readonly #stream = process.stderr;
  readonly #started = Date.now();
  readonly #timer: NodeJS.Timeout;
  #done = 0;
  #failed = 0;
  #doubtful = 0;

  constructor(total: number) {
    this.#total = total;
    this.#timer = setInterval(() => this.#draw(), this.#stream.isTTY ? DRAW_MS : LINE_MS);
    this.#timer.unref();
  }

  /** Counts a target. */
  add({ verdict }: Pick<HealthResult, "verdict">): void {
    this.#done++;
    if (verdict === "fail") this.#failed++;
    if (verdict === "inconclusive") this.#doubtful++;
  }

  /** Clears the line. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[2K");
  }

  #draw(): void {
    const failed = this.#failed === 0 ? "" : forPeople.red(`, ${this.#failed} failed`);
    const doubtful = this.#doubtful === 0 ? "" : `, ${this.#doubtful} inconclusive`;
    const seconds = ((Date.now() - this.#started) / 1000).toFixed(0);
    const text = `${this.#done}/${plural(this.#total, "host")} checked${failed}${doubtful}, ${seconds} s`;
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
  }
}
