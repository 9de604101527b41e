import { describeError, SitefleetError } from "../../../errors/index.ts";
import type { JobResult } from "../../engine/job.ts";
import { failuresOf, knownFailures, takeBack } from "../step/index.ts";
import { failedReleases } from "./failed-releases.ts";
import { isWorthAnother, judgeLive, judgementOf } from "./judged.ts";
import { type Action, touched } from "./machine.ts";
import type { RolloutWork } from "./rollout-work.ts";
import type { RolloutEvent, RolloutRecord, WaveState } from "./types.ts";

/** Updates of a wave in which no release is to blame for what fails: an engine that died, a call that a vendor refused. */
const UPDATE_TRIES = 2;
/** Errors that an event names. */
const ERRORS = 20;
/** Characters of a reason. */
const LINE = 300;
/** What {@link perform} works with. */
export interface PerformOptions {
  readonly work: RolloutWork;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/** What can be done; the others are only written down. */
export type Doable = Exclude<Action, { do: "wait" | "note" | "none" }>;

/**
 * Does one step; returns what happened, nothing when it was stopped in the middle. Errors of ours are events too. What a
 * person must hear comes first: after a crash between two events it is told twice, never left out.
 */
export async function perform(
  record: RolloutRecord,
  action: Doable,
  options: PerformOptions,
): Promise<readonly RolloutEvent[]> {
  try {
    return await doStep(record, action, options);
  } catch (error) {
    // What is thrown because of a stop is none of the rollout's business.
    if (options.signal?.aborted) return [];
    if (!(error instanceof SitefleetError)) throw error;
    return prevented(record, action, error);
  }
}

/** A step that could not be done. The next process that goes on does it again. */
function prevented(record: RolloutRecord, action: Doable, error: SitefleetError): RolloutEvent[] {
  const reason = describeError(error);
  if (action.do === "go-back") return [stuck(record, reason)];
  const paused: RolloutEvent = { event: "paused", reason, by: "sitefleet", code: error.code };
  if (action.do !== "roll-back") return [paused];
  return [{ event: "escalated", ...aboutOf(action.wave), done: `going back failed: ${reason}` }, paused];
}

async function doStep(record: RolloutRecord, action: Doable, options: PerformOptions): Promise<RolloutEvent[]> {
  const { work, signal } = options;
  if (action.do === "go-back") return goBack(record, options);
  const { wave } = action;
  switch (action.do) {
    case "apply": {
      if (wave.step !== "waiting") return apply(record, wave, options);
      const { results, live, known = knownFailures(results) } = await work.check(record, wave, "before");
      if (signal?.aborted) return [];
      return [{ event: "wave-started", wave: wave.name, known: [...known], ...(live ? { live } : {}) }];
    }
    case "check": {
      const seen = await work.check(record, wave, "after");
      if (signal?.aborted) return [];
      const { evidence } = seen;
      const judged = judgementOf(seen, wave);
      const kept = evidence === undefined ? {} : { evidence };
      const checked: RolloutEvent = { event: "wave-checked", wave: wave.name, ...judged, ...kept };
      if (judged.verdict !== "fail" || record.rollback) return [checked];
      const { reason, figures } = judged;
      return [{ event: "escalated", wave: wave.name, reason, done: "paused", figures, ...kept }, checked];
    }
    case "roll-back":
      return rollBack(record, wave, options);
  }
}

async function apply(record: RolloutRecord, wave: WaveState, options: PerformOptions): Promise<RolloutEvent[]> {
  const { work, signal, now = Date.now } = options;
  for (let turn = 1; ; turn++) {
    const run = await work.apply(record, wave);
    if (signal?.aborted) return [];
    const errors = failuresOf(run, wordsOf);
    if (errors.length === 0) {
      const soakUntil = new Date(now() + wave.soakSeconds * 1000).toISOString();
      return [{ event: "wave-applied", wave: wave.name, run: run.run, soakUntil }];
    }
    const begun = run.results.some(({ ok }) => !ok);
    const blamed = failedReleases(run.results);
    if (begun && isWorthAnother(wave, run, blamed) && turn < UPDATE_TRIES) continue;
    if (begun) return failed(record, wave, { run: run.run, errors, blamed });
    // Nothing failed, and some stacks were not begun: a vendor's limit, another run that holds them. They wait for a person, but
    // not the visitors of what is live already.
    const live = await judgeLive(record, wave, run, work);
    if (signal?.aborted) return [];
    if (live?.verdict === "fail")
      return failed(record, wave, { run: run.run, errors: [live.reason], blamed: [...live.figures.examples] });
    const reasons = new Set(run.skipped.map(({ reason }) => reason));
    return [{ event: "paused", reason: [...reasons].join("; "), by: "sitefleet" }];
  }
}

function failed(
  record: RolloutRecord,
  { name }: WaveState,
  { run, errors, blamed }: { run: string; errors: readonly string[]; blamed: string[] },
): RolloutEvent[] {
  const event: RolloutEvent = { event: "wave-failed", wave: name, run, errors: errors.slice(0, ERRORS), blamed };
  if (record.rollback) return [event];
  return [{ event: "escalated", wave: name, reason: errors[0] ?? "", done: "paused" }, event];
}

async function rollBack(record: RolloutRecord, wave: WaveState, options: PerformOptions): Promise<RolloutEvent[]> {
  const { work, signal } = options;
  const about = aboutOf(wave);
  const { held, left, reasons } = await work.losses(record, wave);
  if (held !== undefined) {
    return [
      { event: "escalated", ...about, done: `nothing went back: ${held}` },
      { event: "wave-held", wave: wave.name, reason: held },
    ];
  }
  const stays = [...reasons];
  const took = await takeBack({
    leave: () => work.markBad(record, wave),
    async update() {
      const { run, kept } = await work.goBack(record, [wave], left);
      stays.push(...kept);
      return run;
    },
    ask: async ([wrong]) =>
      wrong === undefined ? judgementOf(await work.check(record, wave, "before"), wave) : undefined,
    words: wordsOf,
    signal,
  });
  if (took === undefined) return [];
  const { run, left: bad, seen: after } = took;
  const [wrong] = took.errors;
  if (wrong !== undefined) {
    const done = `going back failed: ${wrong}`;
    return [
      { event: "escalated", ...about, done },
      { event: "paused", reason: done, by: "sitefleet" },
    ];
  }
  const still = after?.verdict === "fail" ? `, and what is back does not work either: ${after.reason}` : "";
  const but = stays.length > 0 ? `, but for what would lose something: ${stays.join("; ")}` : "";
  const back: RolloutEvent = {
    event: "wave-rolled-back",
    wave: wave.name,
    run: run.run,
    bad,
    left: Object.fromEntries(Object.entries(left).map(([stack, hosts]) => [stack, [...hosts]])),
  };
  const escalated: RolloutEvent = {
    event: "escalated",
    ...about,
    done: `the wave went back and the rollout stops${but}${still}`,
  };
  return [escalated, back];
}

async function goBack(record: RolloutRecord, { work, signal }: PerformOptions): Promise<RolloutEvent[]> {
  const waves = touched(record);
  let kept: readonly string[] = [];
  const took = await takeBack({
    async leave() {
      for (const wave of waves) if (wave.step === "failed") await work.markBad(record, wave);
    },
    async update() {
      const back = await work.goBack(record, waves, {});
      kept = back.kept;
      return back.run;
    },
    // A person has aborted it: nothing is judged any more.
    ask: async () => {},
    words: wordsOf,
    signal,
  });
  if (took === undefined) return [];
  const { run } = took;
  const [wrong] = took.errors;
  return wrong === undefined ? [{ event: "went-back", run: run.run, kept: [...kept] }] : [stuck(record, wrong)];
}

function stuck(record: RolloutRecord, why: string): RolloutEvent {
  const wave = touched(record).at(-1)?.name ?? "";
  return { event: "escalated", wave, reason: record.reason, done: `going back failed: ${why}` };
}

function aboutOf({ name, reason = "", figures, evidence }: WaveState) {
  return { wave: name, reason, figures, evidence: evidence || undefined };
}

/** Why a stack's update failed, in a line: the journal of the run has it all. */
function wordsOf({ failed = [], errors }: JobResult): string {
  const said = failed.find(({ message }) => message !== undefined);
  const text = said ? `${said.name}: ${said.message}` : (errors[0] ?? "failed");
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > LINE ? `${line.slice(0, LINE)} …` : line;
}
