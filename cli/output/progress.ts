import type { JobResult } from "../../fleet/engine/job.ts";
import { changes, type Step } from "../../fleet/engine/outcome.ts";
import type { RunObserver } from "../../fleet/run/run.ts";
import { InFlight } from "./in-flight.ts";
import { forPeople, plural } from "./style.ts";

/** What takes longer than this is named, ms: nearly every call and most builds of small sites end before. */
const LONG_MS = 30_000;
/** How often it is named where lines stay, ms. */
const NAME_EVERY_MS = 60_000;
/** How many are named at a time. */
const NAMED = 3;
/** How often the line of a terminal is drawn, ms. */
const DRAW_MS = 120;

/** Shows how a run goes: one line that redraws on a terminal, a line a stack elsewhere. Ends with {@link Progress.done}. */
export class Progress implements RunObserver {
  #total: number;
  readonly #stream = process.stderr;
  readonly #started = Date.now();
  readonly #running = new Map<string, number>();
  #ended = 0;
  #steps = 0;
  #failed = 0;
  readonly #inFlight = new InFlight();
  #timer: NodeJS.Timeout | undefined;

  constructor(total: number) {
    this.#total = total;
    this.#timer = this.#stream.isTTY
      ? setInterval(() => this.#draw(), DRAW_MS)
      : setInterval(() => this.#nameLong(), NAME_EVERY_MS);
    this.#timer.unref();
  }

  started(stack: string): void {
    this.#running.set(stack, 0);
  }

  step(stack: string, step: Step): void {
    this.#steps++;
    this.#inFlight.start(stack, step, Date.now());
    this.#running.set(stack, (this.#running.get(stack) ?? 0) + 1);
  }

  stepEnded(stack: string, urn: string): void {
    this.#inFlight.end(stack, urn);
  }

  ended(result: Pick<JobResult, "stack" | "ok" | "counts" | "milliseconds">): void {
    this.#running.delete(result.stack);
    this.#inFlight.drop(result.stack);
    this.#ended++;
    if (!result.ok) this.#failed++;
    const mark = result.ok ? forPeople.green("ok") : forPeople.red("failed");
    const seconds = (result.milliseconds / 1000).toFixed(1);
    const line = `[${this.#ended}/${this.#total}] ${result.stack} ${mark}, ${plural(changes(result.counts), "change")}, ${seconds} s`;
    if (!this.#stream.isTTY) this.#stream.write(`${line}\n`);
    else if (!result.ok) this.#stream.write(`\r\u001b[2K${line}\n`);
  }

  /** So many stacks more. */
  more(stacks: number): void {
    this.#total += stacks;
  }

  /** Clears the line. */
  done(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write("\r\u001b[2K");
  }

  #nameLong(): void {
    for (const line of this.#inFlight.long(Date.now(), LONG_MS, NAMED)) this.#stream.write(`still at work: ${line}\n`);
  }

  #draw(): void {
    const elapsed = (Date.now() - this.#started) / 1000;
    const left =
      this.#ended === 0 ? "" : `, about ${Math.ceil((elapsed / this.#ended) * (this.#total - this.#ended))} s left`;
    const failed = this.#failed === 0 ? "" : forPeople.red(`, ${this.#failed} failed`);
    const long = this.#inFlight.long(Date.now(), LONG_MS, 1);
    const now = long.length > 0 ? long.join(" ") : [...this.#running.keys()].join(" ");
    const width = 24;
    const filled = Math.round((this.#ended / Math.max(1, this.#total)) * width);
    const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
    const text = `${bar} ${this.#ended}/${this.#total} stacks, ${plural(this.#steps, "step")}${left}${failed}  ${now}`;
    this.#stream.write(`\r\u001b[2K${text.slice(0, (this.#stream.columns ?? 100) - 1)}`);
  }
}
