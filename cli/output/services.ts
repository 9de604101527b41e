import { SitefleetError } from "../../errors/index.ts";
import { formatProblem } from "../../model/index.ts";
import type { ServiceEvent } from "../../operations/plesk/services/events.ts";
import type { OfServices } from "../../operations/plesk/services/over.ts";
import type { Written } from "../../plesk/index.ts";
import type { Shows } from "../stoppable.ts";
import { proofLines } from "./flows.ts";
import { forPeople, plural, print, say, table } from "./style.ts";

/** How often the line of a terminal is drawn, ms. */
const DRAW_MS = 120;

/** Problems of the catalog that are told, when they do not stop anything. */
const TOLD = 5;

/** Shows how work on services goes on: one line that redraws on a terminal, a line a service elsewhere. */
export class ServiceTeller implements Shows<ServiceEvent> {
  readonly stopping = "ending the steps in flight and putting back what they have changed";
  readonly #doing: string;
  readonly #stream = process.stderr;
  readonly #running = new Map<string, number>();
  #started = 0;
  #ended = 0;
  #total = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param doing What is done, for the line: `rolling back`. */
  constructor(doing: string) {
    this.#doing = doing;
  }

  emit(event: ServiceEvent): void {
    switch (event.event) {
      case "begun":
        this.#total = event.total;
        this.#started = Date.now();
        if (this.#stream.isTTY) this.#timer = setInterval(() => this.#draw(), DRAW_MS);
        break;
      case "service-started":
        this.#running.set(event.service, Date.now());
        break;
      case "service-ended":
        this.#end(event.service, event.ok);
        break;
      case "done":
        clearInterval(this.#timer);
        if (this.#stream.isTTY) this.#stream.write("\r\u001b[2K");
        break;
      default:
        for (const line of linesOf(event)) say(line);
    }
  }

  #draw(): void {
    const running = [...this.#running.keys()].join(" ");
    const text = `${this.#doing}: ${this.#ended}/${this.#total} services, ${since(this.#started)}  ${running}`;
    this.#stream.write(`\r\u001b[2K${text.slice(0, (this.#stream.columns ?? 100) - 1)}`);
  }

  #end(service: string, ok: boolean): void {
    const started = this.#running.get(service) ?? this.#started;
    this.#running.delete(service);
    this.#ended += 1;
    const mark = ok ? forPeople.green("ok") : forPeople.red("failed");
    if (!this.#stream.isTTY) say(`[${this.#ended}/${this.#total}] ${service} ${mark}, ${since(started)}`);
  }
}

const since = (started: number): string => `${((Date.now() - started) / 1000).toFixed(1)} s`;

type Told = Extract<
  ServiceEvent,
  { event: "catalog-problems" | "left-out" | "unknown-secret" | "edited" | "smoke-tested" | "taken-back" }
>;

function linesOf(event: Told): string[] {
  switch (event.event) {
    case "catalog-problems": {
      const { problems } = event;
      const head = `warning: the catalog has ${plural(problems.length, "problem")}; \`sitefleet validate\` lists all`;
      return [head, ...problems.slice(0, TOLD).map((problem) => `  ${formatProblem(problem)}`)];
    }
    case "left-out":
      return [`warning: left out: ${event.services.join(", ")}`];
    case "unknown-secret":
      return [`note: ${event.reason}`];
    case "smoke-tested":
    case "taken-back":
      return proofLines(event);
    case "edited": {
      const more = event.more > 0 ? ` and ${event.more} more` : "";
      return [`${event.service}: the kept release is not what was deployed: ${event.paths.join(", ")}${more}`];
    }
  }
}

/** How outcomes are shown. */
export interface Shown<Value> {
  /** Head of the table. */
  readonly head: readonly string[];
  /** Rows of one service; the first column is the service. */
  rows(value: Value): (string | number)[][];
  /** What the command did, in a sentence for people; nothing by default. */
  summary?(values: readonly Value[]): string;
}

/** Shows what became of each service: a table, then what failed. */
export function showOutcomes<Value extends object>(outcomes: OfServices<Value>["outcomes"], shown: Shown<Value>): void {
  const values = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  if (values.length > 0) print(table([shown.head, ...values.flatMap((value) => shown.rows(value))]));
  const failed = sayFailed(outcomes);
  if (failed === 0 && shown.summary) say(shown.summary(values));
}

/** Says which services failed and why. Returns how many. */
export function sayFailed(outcomes: OfServices<unknown>["outcomes"], all: number = outcomes.length): number {
  const failed = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome]));
  for (const { service, error } of failed) sayError(service, error);
  if (failed.length > 0 && all > 1) say(`${failed.length} of ${plural(all, "service")} failed`);
  return failed.length;
}

function sayError(service: string, error: unknown): void {
  if (!(error instanceof SitefleetError)) {
    say(`${forPeople.red("error:")} ${service}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    return;
  }
  say(`${forPeople.red("error:")} ${service}: ${error.message} [${error.code}]`);
  for (const detail of error.details) say(`  ${detail}`);
  if (error.hint !== undefined) say(`${forPeople.dim("hint:")} ${error.hint}`);
}

/** A release as people see it. */
export const shortRelease = (release: string | null): string => (release === null ? "-" : release.slice(0, 12));

/** `2026-11-22 09:30:12` of an ISO time, UTC; `-` for none. */
export const shortTime = (iso: string | null): string => (iso === null ? "-" : iso.slice(0, 19).replace("T", " "));

/** Head of {@link changesRows}. */
export const CHANGES_HEAD = ["service", "snapshot of", "table", "rows written since", "rows gone since"] as const;

/** What was written into a database since its snapshot, a row a table. Pure. */
export function changesRows({ service, at, tables }: Written & { readonly service: string }): (string | number)[][] {
  if (at === null) return [[service, "none", "-", "-", "-"]];
  if (tables.length === 0) return [[service, shortTime(at), "-", 0, 0]];
  return tables.map(({ table, written, gone }) => [service, shortTime(at), table, written, gone]);
}
