import { setTimeout as sleep } from "node:timers/promises";
import type { AppliedRun } from "../apply.ts";
import type { HealthResult } from "../health/types.ts";
import type { RolloutFiles } from "./files.ts";
import { judgeWave, knownFailures } from "./judge.ts";
import { type Action, advance, eventOf, isUnfinished, nextAction } from "./machine.ts";
import type { RolloutEvent, RolloutRecord, WaveState } from "./types.ts";

/** How often a rollout that waits looks for requests, ms. */
const LOOK_MS = 500;

/** What a rollout does in the world. Everything can be done again after a crash in its middle. */
export interface RolloutWork {
  /** Brings a wave's sites to what the catalog says. */
  apply(record: RolloutRecord, wave: WaveState): Promise<AppliedRun>;
  /** Brings waves' sites to what they were. */
  goBack(record: RolloutRecord, waves: readonly WaveState[]): Promise<AppliedRun>;
  /** Remembers what a wave brought as bad; returns the releases in words. */
  markBad(record: RolloutRecord, wave: WaveState): Promise<string[]>;
  /** Checks a wave's sites; `before`: against what they are before the wave. */
  check(
    record: RolloutRecord,
    wave: WaveState,
    when: "before" | "after",
  ): Promise<{ readonly results: readonly HealthResult[]; readonly evidence?: string }>;
}

/** Options of {@link carryOut}. */
export interface CarryOutOptions {
  readonly files: RolloutFiles;
  readonly work: RolloutWork;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RolloutEvent) => void;
  readonly now?: () => number;
}

/** Writes down that something has happened; returns the record after it. */
export async function note(
  record: RolloutRecord,
  event: RolloutEvent,
  { files, onEvent, now = Date.now }: Pick<CarryOutOptions, "files" | "onEvent" | "now">,
): Promise<RolloutRecord> {
  const next = advance(record, event, now());
  await files.append({ at: new Date(now()).toISOString(), rollout: record.id, ...event });
  await files.save(next);
  onEvent?.(event);
  return next;
}

/**
 * Carries a rollout out until it is over or a person has to decide. Requests that others leave take effect between two
 * steps. When the signal is aborted it stops there, and the next one that carries it out goes on.
 */
export async function carryOut(record: RolloutRecord, options: CarryOutOptions): Promise<RolloutRecord> {
  const { files, signal, now = Date.now } = options;
  let current = record;
  while (!signal?.aborted) {
    const request = await files.take(current.id);
    if (request && isUnfinished(current)) {
      const event = requested(current, request);
      if (event) current = await note(current, event, options);
    }
    const action = nextAction(current, now());
    if (action.do === "none") return current;
    if (action.do === "wait") {
      await sleep(Math.min(LOOK_MS, Math.max(1, action.until - now())), undefined, signal ? { signal } : {}).catch(
        () => {},
      );
      continue;
    }
    const events =
      action.do === "note" ? [action.event] : await step(current, action, options).catch(unlessStopped(signal));
    for (const event of events) current = await note(current, event, options);
    // Stopped in the middle, or going back failed: whoever carries it out next tries again.
    if (events.length === 0 || (action.do === "go-back" && events[0]?.event !== "went-back")) return current;
  }
  return current;
}

/** A request that no longer fits has come too late: it is nobody's error. */
function requested(record: RolloutRecord, request: Parameters<typeof eventOf>[1]): RolloutEvent | undefined {
  try {
    return eventOf(record, request);
  } catch {
    return undefined;
  }
}

/** Does one step; returns what happened, nothing when it was stopped in the middle. */
async function step(
  record: RolloutRecord,
  action: Exclude<Action, { do: "wait" | "note" | "none" }>,
  options: CarryOutOptions,
): Promise<RolloutEvent[]> {
  const { work, signal } = options;
  if (action.do === "go-back") return goBack(record, options);
  const { wave } = action;
  switch (action.do) {
    case "apply": {
      if (wave.step === "waiting") {
        const { results } = await work.check(record, wave, "before");
        return [{ event: "wave-started", wave: wave.name, known: knownFailures(results) }];
      }
      return applied(record, wave, await work.apply(record, wave), options);
    }
    case "check": {
      const { results, evidence } = await work.check(record, wave, "after");
      if (signal?.aborted) return [];
      const judged = judgeWave(results, wave.known, wave.limits);
      const kept = evidence === undefined ? {} : { evidence };
      const checked: RolloutEvent = { event: "wave-checked", wave: wave.name, ...judged, ...kept };
      if (judged.verdict !== "fail" || record.rollback) return [checked];
      const { reason, figures } = judged;
      return [checked, { event: "escalated", wave: wave.name, reason, done: "paused", figures, ...kept }];
    }
    case "roll-back": {
      // Before anything goes back: whoever starts an update meanwhile must not bring it again.
      const bad = await work.markBad(record, wave);
      const run = await work.goBack(record, [wave]);
      if (signal?.aborted) return [];
      const { reason = "", figures, evidence } = wave;
      const about = { wave: wave.name, reason, ...(figures ? { figures } : {}), ...(evidence ? { evidence } : {}) };
      const wrong = failuresOf(run);
      if (wrong.length > 0) {
        const done = `going back failed: ${wrong[0]}`;
        return [
          { event: "escalated", ...about, done },
          { event: "paused", reason: done, by: "sitefleet" },
        ];
      }
      const done = "the wave was rolled back and the rollout stopped";
      return [
        { event: "wave-rolled-back", wave: wave.name, run: run.run, bad },
        { event: "escalated", ...about, done },
      ];
    }
  }
}

function applied(
  record: RolloutRecord,
  wave: WaveState,
  run: AppliedRun,
  { signal, now = Date.now }: CarryOutOptions,
): RolloutEvent[] {
  if (signal?.aborted) return [];
  const errors = failuresOf(run);
  const later = run.skipped.filter(({ later }) => later);
  if (errors.length === 0) {
    const soakUntil = new Date(now() + wave.soakSeconds * 1000).toISOString();
    return [{ event: "wave-applied", wave: wave.name, run: run.run, soakUntil }];
  }
  // A limit that frees its budget later is nobody's failure.
  if (run.results.every(({ ok }) => ok) && later.length === run.skipped.length) {
    return [{ event: "paused", reason: later[0]?.reason ?? "", by: "sitefleet" }];
  }
  const failed: RolloutEvent = { event: "wave-failed", wave: wave.name, run: run.run, errors: errors.slice(0, 20) };
  if (record.rollback) return [failed];
  return [failed, { event: "escalated", wave: wave.name, reason: errors[0] ?? "", done: "paused" }];
}

async function goBack(record: RolloutRecord, { work, signal }: CarryOutOptions): Promise<RolloutEvent[]> {
  const waves = record.waves.filter(({ step }) => step !== "waiting" && step !== "rolled-back");
  const run = await work.goBack(record, waves);
  if (signal?.aborted) return [];
  const [wrong] = failuresOf(run);
  if (wrong === undefined) return [{ event: "went-back", run: run.run }];
  const wave = waves.at(-1)?.name ?? "";
  return [{ event: "escalated", wave, reason: record.reason, done: `going back failed: ${wrong}` }];
}

/** What is thrown because of a stop is none of the rollout's business. */
function unlessStopped(signal: AbortSignal | undefined): (error: unknown) => RolloutEvent[] {
  return (error) => {
    if (signal?.aborted) return [];
    throw error;
  };
}

/** Why a run did not do everything; empty when it did. */
function failuresOf({ results, skipped }: AppliedRun): string[] {
  return [
    ...results.filter(({ ok }) => !ok).map(({ stack, errors }) => `${stack}: ${errors[0] ?? "failed"}`),
    ...skipped.map(({ stack, reason }) => `${stack}: ${reason}`),
  ];
}
