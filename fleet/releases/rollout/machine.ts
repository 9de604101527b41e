import type { RolloutEvent, RolloutRecord, WaveState } from "./types.ts";

/** What a rollout does next. `none`: it is over, or a person decides. */
export type Action =
  | { readonly do: "wait"; readonly wave: WaveState; readonly until: number; readonly why: "pause" | "soak" }
  | { readonly do: "apply" | "check" | "roll-back"; readonly wave: WaveState }
  | { readonly do: "go-back" }
  | { readonly do: "note"; readonly event: RolloutEvent }
  | { readonly do: "none" };

/** The wave that a rollout is at; undefined when all have passed. Pure. */
export function currentWave({ waves }: Pick<RolloutRecord, "waves">): WaveState | undefined {
  return waves.find(({ step }) => step !== "passed");
}

/** Is there anything left to do? Pure. */
export function isUnfinished({ status }: Pick<RolloutRecord, "status">): boolean {
  return status === "running" || status === "paused" || status === "aborting";
}

/**
 * What comes next. The same record gives the same answer in any process, so that a process that takes a rollout over goes on where
 * the last one stopped. Pure.
 *
 * @param now ms since 1970
 */
export function nextAction(record: RolloutRecord, now: number): Action {
  if (record.status === "aborting") {
    const left = touched(record).length;
    if (!record.keep && left > 0) return { do: "go-back" };
    const reason = left > 0 ? `${record.reason}; ${left} waves stay as they are` : record.reason;
    return { do: "note", event: { event: "ended", outcome: "aborted", reason } };
  }
  if (record.status !== "running") return { do: "none" };
  const wave = currentWave(record);
  if (wave === undefined)
    return { do: "note", event: { event: "ended", outcome: "done", reason: "all waves have passed" } };
  switch (wave.step) {
    case "waiting": {
      const until = wave.notBefore === undefined ? 0 : Date.parse(wave.notBefore);
      return until > now ? { do: "wait", wave, until, why: "pause" } : { do: "apply", wave };
    }
    case "applying":
      return { do: "apply", wave };
    case "soaking": {
      const until = wave.soakUntil === undefined ? 0 : Date.parse(wave.soakUntil);
      return until > now ? { do: "wait", wave, until, why: "soak" } : { do: "check", wave };
    }
    case "doubtful":
      return { do: "note", event: { event: "paused", reason: wave.reason ?? "inconclusive", by: "sitefleet" } };
    case "failed":
      if (!waitsForPerson(record, wave)) return { do: "roll-back", wave };
      return { do: "note", event: { event: "paused", reason: wave.held ?? wave.reason ?? "failed", by: "sitefleet" } };
    case "rolled-back":
      return { do: "note", event: { event: "ended", outcome: "stopped", reason: stoppedBy(wave) } };
    case "passed":
      return { do: "none" };
  }
}

/** Waves of which something may be live. Pure. */
export function touched({ waves }: Pick<RolloutRecord, "waves">): WaveState[] {
  return waves.filter(
    ({ step, left }) => step !== "waiting" && (step !== "rolled-back" || Object.keys(left).length > 0),
  );
}

function stoppedBy({ reason = "failed", left }: WaveState): string {
  const hosts = Object.values(left).flat();
  if (hosts.length === 0) return reason;
  return `${reason}; did not go back, because something would be lost: ${hosts.join(", ")}`;
}

/** Does a wave that failed stay until a person has decided? */
function waitsForPerson({ rollback }: RolloutRecord, { held }: WaveState): boolean {
  return !rollback || held !== undefined;
}

/**
 * The record after something has happened. Pure.
 *
 * @throws Error when that cannot happen there: a defect
 */
export function advance(record: RolloutRecord, event: RolloutEvent, now: number): RolloutRecord {
  const at = (from: readonly WaveState["step"][], change: (wave: WaveState) => Partial<WaveState>): RolloutRecord => {
    const wave = "wave" in event ? record.waves.find(({ name }) => name === event.wave) : undefined;
    if (wave === undefined || !from.includes(wave.step)) throw impossible(record, event);
    const waves = record.waves.map((one) => (one === wave ? { ...one, ...change(one) } : one));
    return { ...record, waves: withPause(waves, now) };
  };
  switch (event.event) {
    case "started":
    case "escalated":
      return record;
    case "wave-started":
      return at(["waiting"], () => ({
        step: "applying",
        known: event.known,
        begunAt: new Date(now).toISOString(),
        ...(event.live ? { live: event.live } : {}),
      }));
    case "wave-applied":
      return at(["applying"], ({ runs }) => ({
        step: "soaking",
        runs: [...runs, event.run],
        soakUntil: event.soakUntil,
      }));
    case "wave-failed":
      return at(["applying"], ({ runs }) => ({
        step: "failed",
        verdict: "fail",
        runs: [...runs, event.run],
        reason: event.errors[0] ?? "the update failed",
        blamed: event.blamed,
      }));
    case "wave-held":
      return at(["failed"], () => ({ held: event.reason }));
    case "soak-skipped":
      return at(["soaking", "waiting"], () => {
        const moment = new Date(now).toISOString();
        return { soakUntil: moment, notBefore: moment };
      });
    case "wave-checked": {
      const { verdict, reason, figures, evidence } = event;
      const step = ({ pass: "passed", fail: "failed", inconclusive: "doubtful" } as const)[verdict];
      return at(["soaking"], () => ({ step, verdict, reason, figures, ...(evidence ? { evidence } : {}) }));
    }
    case "wave-accepted":
      return { ...at(["doubtful", "failed"], () => ({ step: "passed" })), status: "running", reason: "" };
    case "wave-rolled-back":
      return at(["failed"], ({ runs }) => ({
        step: "rolled-back",
        runs: [...runs, event.run],
        left: event.left,
      }));
    case "paused":
      return { ...record, status: "paused", reason: event.reason };
    case "resumed": {
      const moment = new Date(now).toISOString();
      const waves = record.waves.map((wave): WaveState => {
        // What is in doubt is looked at again; what failed as well, when it does not go back by itself.
        const again = wave.step === "failed" && waitsForPerson(record, wave);
        if (wave.step === "doubtful" || (again && wave.figures !== undefined))
          return { ...wave, step: "soaking", soakUntil: moment, held: undefined };
        // An update that failed is tried again.
        return again ? { ...wave, step: "applying", held: undefined } : wave;
      });
      return { ...record, waves, status: "running", reason: "" };
    }
    case "aborting":
      return { ...record, status: "aborting", keep: event.keep, reason: `aborted by ${event.by}` };
    case "went-back":
      return {
        ...record,
        reason: `${record.reason}; ${event.kept.length > 0 ? `stays: ${event.kept.join("; ")}` : "everything went back"}`,
        waves: record.waves.map(
          (wave): WaveState =>
            touched({ waves: [wave] }).length > 0
              ? { ...wave, step: "rolled-back", runs: [...wave.runs, event.run], left: {} }
              : wave,
        ),
      };
    case "ended":
      return { ...record, status: event.outcome, reason: event.reason };
  }
}

/** The wave after those that have passed waits for its pause. */
function withPause(waves: readonly WaveState[], now: number): WaveState[] {
  const index = waves.findIndex(({ step }) => step !== "passed");
  return waves.map((wave, position) =>
    position === index && index > 0 && wave.step === "waiting" && wave.notBefore === undefined && wave.pauseSeconds > 0
      ? { ...wave, notBefore: new Date(now + wave.pauseSeconds * 1000).toISOString() }
      : wave,
  );
}

function impossible({ id, status }: RolloutRecord, event: RolloutEvent): Error {
  return new Error(`rollout ${id} (${status}): ${JSON.stringify(event).slice(0, 200)} cannot happen there`);
}
