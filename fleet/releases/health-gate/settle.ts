import { SitefleetError } from "../../../errors/index.ts";
import { type GoingBack, type JournalEvent, readRun } from "../../backend/journal/journal.ts";
import type { HealthResult } from "../../health/index.ts";
import type { RunTools } from "../../run/locked-run.ts";
import type { Session } from "../../run/session.ts";
import { type AskOptions, leaveReleases, takeBack as takeBackStep } from "../step/index.ts";
import { endsOf } from "./unfinished.ts";
import { askBack, askFresh, type JudgedRun, judgeRun, reachedSites, type Watch } from "./watch.ts";

/** Failures that an event names. */
const NAMED = 20;

/** How an update's changes are dealt with. */
export interface SettleOptions extends AskOptions {
  /** Does what serves worse go back by itself? @default true */
  readonly rollback?: boolean;
  /** Ask the sites that are new as well. @default false */
  readonly checkNew?: boolean;
  /** Told before sites are asked, and of everything that is written down. */
  readonly onEvent?: (event: SettleEvent) => void;
}

/** What is told while changes are judged and go back. */
export type SettleEvent =
  | { readonly event: "asking"; readonly sites: number }
  | { readonly event: "going-back"; readonly sites: number; readonly stacks: number }
  | Extract<JournalEvent, { event: "run-judged" | "run-went-back" | "escalated" }>;

/** How a run was judged, and what came of it. */
export interface Settled {
  /** Undefined when nothing was changed that existed before. */
  readonly judged?: Omit<JudgedRun, "results">;
  readonly results: readonly HealthResult[];
  /** Sites that are new; only with `checkNew`. */
  readonly fresh: readonly HealthResult[];
  readonly wentBack?: Omit<Extract<JournalEvent, { event: "run-went-back" }>, "event">;
  readonly escalated?: Omit<Extract<JournalEvent, { event: "escalated" }>, "event">;
}

/**
 * Asks and judges the sites that a run has changed, inside that run. Sites that serve worse than before go back, in this order:
 * the evidence is written to disk; the judgement goes into the journal, with all that the rollback needs, so that a run that goes
 * on after a crash does the same; the releases are remembered as bad; the stacks are updated.
 *
 * @throws those of `checkTargets`, `store.unreachable`; what the signal was aborted with
 */
export async function settleRun(
  session: Session,
  tools: RunTools,
  watch: Watch,
  options: SettleOptions = {},
): Promise<Settled> {
  const ends = endsOf(readRun(session.folders.runs, tools.run));
  const asking = { ...options, ends, signal: tools.signal };
  const sites = reachedSites(watch, ends).length;
  if (sites > 0) options.onEvent?.({ event: "asking", sites });
  const found = await judgeRun(session, watch, asking);
  const fresh = options.checkNew ? await askFresh(session, watch, asking) : [];
  if (found === undefined) return { results: [], fresh };
  const { results, ...judged } = found;
  await tell(tools, { event: "run-judged", ...judged }, options);
  const seen = { judged, results, fresh };
  if (judged.verdict === "pass") return seen;
  if (judged.back) return { ...seen, ...(await takeBack(session, tools, judged, options)) };
  const done = judged.verdict === "fail" ? "left as it is, as asked for" : "left as it is: it could not be judged";
  return { ...seen, escalated: await escalate(tools, judged, done, options) };
}

/**
 * Takes back what was judged bad, inside the run that has brought it or a later process of it. Everything in it can be done
 * again.
 */
export async function takeBack(
  session: Session,
  tools: RunTools,
  judged: Pick<JudgedRun, "reason" | "figures" | "evidence" | "back">,
  options: SettleOptions = {},
): Promise<Pick<Settled, "wentBack" | "escalated">> {
  const { back } = judged;
  if (back === undefined) return {};
  const desired = new Map(Object.entries(back.desired));
  const byHand = back.stay.length === 0 ? "" : staysText(back, tools.run);
  if (desired.size === 0) return { escalated: await escalate(tools, judged, `nothing went back${byHand}`, options) };
  const took = await takeBackStep({
    leave: () =>
      leaveReleases(session.folders.state, back.bad, { run: tools.run, reason: `run ${tools.run}: ${judged.reason}` }),
    update() {
      options.onEvent?.({ event: "going-back", sites: back.hosts.length, stacks: desired.size });
      return tools.update(desired);
    },
    ask: () => askBack(session, back, { ...options, signal: tools.signal }),
    signal: tools.signal,
  });
  if (took === undefined) return {};
  const { errors, seen: asked } = took;
  const failing = asked.filter(({ verdict }) => verdict === "fail").map(({ id }) => id);
  const wentBack = { ok: errors.length === 0, errors: errors.slice(0, NAMED), asked: asked.length, failing };
  await tell(tools, { event: "run-went-back", ...wentBack }, options);
  const done =
    errors.length > 0
      ? `going back failed: ${errors[0]}; sitefleet up --resume ${tools.run} tries again`
      : `${back.hosts.length} site${back.hosts.length === 1 ? "" : "s"} went back to what they were${stillFail(failing.length)}`;
  return { wentBack, escalated: await escalate(tools, judged, `${done}${byHand}`, options) };
}

const stillFail = (sites: number): string =>
  sites === 0 ? "" : `, of which ${sites} still fail${sites === 1 ? "s" : ""}`;

function staysText({ stay }: GoingBack, run: string): string {
  const names = stay.slice(0, 3).map(({ name }) => name);
  const more = stay.length > names.length ? ` and ${stay.length - names.length} more` : "";
  return `; ${names.join(", ")}${more} would lose something: sitefleet rollback --run ${run} --accept-loss takes them back`;
}

async function escalate(
  tools: RunTools,
  { reason, figures, evidence }: Pick<JudgedRun, "reason" | "figures" | "evidence">,
  done: string,
  options: SettleOptions,
): Promise<NonNullable<Settled["escalated"]>> {
  const escalated = { reason, done, figures, evidence };
  await tell(tools, { event: "escalated", ...escalated }, options);
  return escalated;
}

async function tell(
  tools: RunTools,
  event: Extract<JournalEvent, { event: "run-judged" | "run-went-back" | "escalated" }>,
  { onEvent }: SettleOptions,
): Promise<void> {
  tools.write(event);
  // The disk has it. Sites that fail do not wait for a store that cannot be reached: the journal is handed in later.
  await tools.flush().catch((error: unknown) => {
    if (!(error instanceof SitefleetError)) throw error;
  });
  onEvent?.(event);
}
