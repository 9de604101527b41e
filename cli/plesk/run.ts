import { SitefleetError } from "../../errors/index.ts";
import type { ManyOptions, Outcome } from "../../plesk/index.ts";
import type { Context } from "../context.ts";
import { forPeople, plural, print, printJson, say, table } from "../output/style.ts";
import { onStop } from "../signals.ts";

/** How often the line of a terminal is drawn, ms. */
const DRAW_MS = 120;

/**
 * Runs something over services: one line that redraws on a terminal, a line a service elsewhere. Ctrl-C, SIGTERM and a closed terminal interrupt what
 * runs, which puts back what it has changed.
 *
 * @param doing What is done, for the line: `rolling back`.
 */
export async function overServices<Value>(
  doing: string,
  total: number,
  work: (options: ManyOptions & { readonly signal: AbortSignal }) => Promise<Outcome<Value>[]>,
): Promise<Outcome<Value>[]> {
  const stream = process.stderr;
  const started = Date.now();
  const running = new Map<string, number>();
  let ended = 0;
  const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
  const draw = () => {
    const text = `${doing}: ${ended}/${total} services, ${seconds(started)}  ${[...running.keys()].join(" ")}`;
    stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 100) - 1)}`);
  };
  const timer = stream.isTTY ? setInterval(draw, DRAW_MS) : undefined;
  const abort = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted) return;
    say(`\n${signal}: ending the steps in flight and putting back what they have changed`);
    abort.abort();
  };
  const listening = onStop(stop);
  try {
    return await work({
      signal: abort.signal,
      onStart: (service) => running.set(service, Date.now()),
      onEnd: (service, error) => {
        const since = running.get(service) ?? started;
        running.delete(service);
        ended += 1;
        const mark = error === undefined ? forPeople.green("ok") : forPeople.red("failed");
        if (!stream.isTTY) say(`[${ended}/${total}] ${service} ${mark}, ${seconds(since)}`);
      },
    });
  } finally {
    clearInterval(timer);
    if (stream.isTTY) stream.write("\r\u001b[2K");
    listening();
    if (abort.signal.aborted) process.exitCode = 130;
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

/**
 * Shows what became of each service, and sets the exit code: that of the driver when one service failed, 1 when several did.
 *
 * @param json What `--json` prints of a value. @default the value
 */
export function showOutcomes<Value extends object>(
  context: Context,
  outcomes: readonly Outcome<Value>[],
  shown: Shown<Value>,
): void {
  const values = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  const failed = outcomes.filter((outcome) => !outcome.ok);
  if (context.json) {
    printJson({
      ok: failed.length === 0,
      services: outcomes.map((outcome) =>
        outcome.ok
          ? { service: outcome.service, ok: true, ...outcome.value }
          : { service: outcome.service, ok: false, error: errorJson(outcome.error) },
      ),
    });
  } else if (values.length > 0) print(table([shown.head, ...values.flatMap((value) => shown.rows(value))]));
  for (const { service, error } of failed) sayError(service, error);
  if (failed.length > 0) {
    if (outcomes.length > 1) say(`${failed.length} of ${plural(outcomes.length, "service")} failed`);
    const [first] = failed;
    const known = failed.length === 1 && first?.error instanceof SitefleetError ? first.error.exitCode : 1;
    process.exitCode ||= known;
  } else if (!context.json && shown.summary) say(shown.summary(values));
}

function errorJson(error: unknown): Record<string, unknown> {
  if (error instanceof SitefleetError) return error.toJSON();
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
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
