import type { LockHolding } from "../backend/locks/locks.ts";
import { currentWave, isUnfinished, type RolloutRecord, type WaveState } from "../releases/rollout/index.ts";
import { type Progress, progressOf, type Report, type RunStream, reportOf } from "../report/index.ts";
import type { OverviewFacts, RolloutFacts, RunFacts } from "./facts.ts";
import type { RolloutNow, RunNow } from "./shape.ts";

/** A run without an end of which nothing was heard for so long is none that is under way, ms. A job of CI ends after six hours. */
const FORGOTTEN_MS = 24 * 3_600_000;
/** A process takes its locks after it has told that it begins; clocks of machines differ a little. */
const SKEW_MS = 60_000;
/** Stacks that must have ended before their pace says anything. */
const LEAST_ENDED = 3;

/** A run and what it came to, worked out once. */
export interface Told extends RunFacts {
  readonly report: Report;
  /** Of each process that has not ended. */
  readonly open: readonly { readonly stream: RunStream; readonly progress: Progress }[];
}

/** Pure. */
export function tell(facts: RunFacts): Told {
  const { run, streams } = facts;
  const open = streams
    .map((stream) => ({ stream, progress: progressOf(stream.entries) }))
    .filter(({ progress }) => !progress.over);
  return { ...facts, report: reportOf(run, streams), open };
}

/** The runs that are under way, newest first. Pure. */
export function runsNow(
  told: readonly Told[],
  facts: Pick<OverviewFacts, "now" | "locks" | "rollout" | "budgets">,
): RunNow[] {
  return told.flatMap(({ run, report, open }) =>
    open.flatMap(({ stream, progress }) => {
      const [first] = stream.entries;
      const last = stream.entries.at(-1);
      if (first?.event !== "started" || last === undefined || facts.now - Date.parse(last.at) > FORGOTTEN_MS) return [];
      const { operation, by, target } = first;
      const alive = isAlive(operation, Date.parse(first.at), facts.locks);
      const waitsFor = alive
        ? waitsOf(operation, progress, facts)
        : "no process holds its locks: it was killed, or has not begun yet";
      const left = alive
        ? timeLeft(stream, progress, facts.now)
        : { secondsLeft: null, leftFrom: "it is not worked on" };
      const { total, active, queued, done, failed, partial } = progress;
      return [
        {
          ...{ run, operation, by, target: target || report.target, startedAt: first.at, lastAt: last.at, alive },
          ...{ total, active: [...active], queued, done, failed, partial, waitsFor, ...left },
        },
      ];
    }),
  );
}

/** Does a process hold locks for such an operation since the run began? Pure. */
function isAlive(operation: string, startedAt: number, locks: readonly LockHolding[]): boolean {
  const [word] = operation.split(" ");
  return locks.some(
    ({ holder }) => holder.operation.split(" ")[0] === word && Date.parse(holder.since) >= startedAt - SKEW_MS,
  );
}

function waitsOf(
  operation: string,
  { active }: Progress,
  { rollout, budgets, now }: Pick<OverviewFacts, "rollout" | "budgets" | "now">,
): string {
  const budget = "waiting" in budgets ? budgets.waiting[0] : undefined;
  if (active.length === 0 && budget !== undefined) return `for its budget: ${budget.limit}`;
  if (operation.startsWith("rollout") && rollout && isUnfinished(rollout.record)) return rolloutWaits(rollout, now);
  return "";
}

/** By the pace of the stacks that have ended. Pure. */
function timeLeft(
  { entries }: RunStream,
  { done, failed, active, queued }: Progress,
  now: number,
): Pick<RunNow, "secondsLeft" | "leftFrom"> {
  const ended = done + failed;
  const left = active.length + queued;
  if (left === 0) return { secondsLeft: null, leftFrom: "all stacks have ended; what follows is judged or waited for" };
  const first = entries.find(({ event }) => event === "stack-started" || event === "stack-ended");
  if (first === undefined || ended < LEAST_ENDED)
    return { secondsLeft: null, leftFrom: `not known before ${LEAST_ENDED} stacks have ended` };
  const each = (now - Date.parse(first.at)) / 1000 / ended;
  return { secondsLeft: Math.round(each * left), leftFrom: `by the pace of the ${ended} stacks that have ended` };
}

const sitesOf = ({ hosts }: Pick<WaveState, "hosts">): number => Object.values(hosts).flat().length;

/** Sites and services: a service is reckoned as a site. */
const partsOf = (wave: Pick<WaveState, "hosts" | "services">): number => sitesOf(wave) + (wave.services?.length ?? 0);

/** What a rollout waits for, in a sentence; empty: for its own work. Pure. */
function rolloutWaits({ record, holder, asked }: RolloutFacts, now: number): string {
  const wave = currentWave(record);
  if (!isUnfinished(record)) return "";
  if (asked) return "a request of a person is about to be taken";
  if (record.status === "paused") return `for a person: ${record.reason || "it is paused"}`;
  if (holder === undefined) return "no process carries it out";
  if (record.status === "aborting") return "what it has brought goes back";
  if (wave?.step === "waiting" && wave.notBefore && Date.parse(wave.notBefore) > now)
    return `the pause before wave ${wave.name}, until ${wave.notBefore}`;
  if (wave?.step === "soaking" && wave.soakUntil)
    return Date.parse(wave.soakUntil) > now
      ? `wave ${wave.name} is watched until ${wave.soakUntil}`
      : `wave ${wave.name} is checked`;
  return "";
}

/** The time that the waves still wait by their plan, and a wave's work by that of the waves that have passed. Pure. */
function rolloutLeft({ record, holder }: RolloutFacts, now: number): Pick<RolloutNow, "secondsLeft" | "leftFrom"> {
  if (!isUnfinished(record)) return { secondsLeft: null, leftFrom: "it is over" };
  if (record.status !== "running" || holder === undefined)
    return { secondsLeft: null, leftFrom: "it waits for a person" };
  const until = (time: string | undefined) => Math.max(0, (Date.parse(time ?? "") || now) - now) / 1000;
  const rest = record.waves.filter(({ step }) => step !== "passed");
  const waits = rest.reduce((sum, { step, pauseSeconds, soakSeconds, soakUntil, notBefore }) => {
    if (step === "soaking") return sum + until(soakUntil);
    return sum + (notBefore ? until(notBefore) : step === "waiting" ? pauseSeconds : 0) + soakSeconds;
  }, 0);
  const work = rest
    .filter(({ step }) => step === "waiting" || step === "applying")
    .reduce((sum, wave) => sum + partsOf(wave), 0);
  const done = record.waves.filter(({ step }) => step === "passed");
  const sites = done.reduce((sum, wave) => sum + partsOf(wave), 0);
  const waited = done.reduce((sum, { pauseSeconds, soakSeconds }) => sum + pauseSeconds + soakSeconds, 0);
  const worked = (now - Date.parse(record.startedAt)) / 1000 - waited;
  if (work === 0) return { secondsLeft: Math.round(waits), leftFrom: "pauses and watching by the plan" };
  if (sites === 0 || worked <= 0)
    return {
      secondsLeft: null,
      leftFrom: `not known before a wave has passed; pauses and watching alone take ${Math.round(waits)} s`,
    };
  return {
    secondsLeft: Math.round(waits + (worked / sites) * work),
    leftFrom: `pauses and watching by the plan, work by the pace of the ${sites} sites and services that have passed`,
  };
}

/** The newest rollout as it stands. Pure. */
export function rolloutNow(facts: RolloutFacts, now: number): RolloutNow {
  const { record, holder, asked } = facts;
  const { id, status, reason, startedAt, waves } = record;
  const wave = isUnfinished(record) ? currentWave(record) : undefined;
  const sum = (fits: (step: WaveState["step"]) => boolean) =>
    waves.filter(({ step }) => fits(step)).reduce((total, one) => total + sitesOf(one), 0);
  return {
    ...{ id, status, reason, startedAt, asked },
    runner: holder ? { user: holder.user, host: holder.host, pid: holder.pid } : null,
    wave: wave?.name ?? null,
    waves: waves.map(waveOf),
    sites: sum(() => true),
    sitesDone: sum((step) => step === "passed"),
    sitesActive: sum((step) => step !== "passed" && step !== "waiting" && step !== "rolled-back"),
    waitsFor: rolloutWaits(facts, now),
    ...rolloutLeft(facts, now),
    can: canOf(record),
  };
}

/** What a person may ask of it here. Pure. */
function canOf({ status }: RolloutRecord): RolloutNow["can"] {
  return { pause: status === "running", abort: status === "running" || status === "paused" || status === "stopped" };
}

function waveOf(wave: WaveState): RolloutNow["waves"][number] {
  const { name, kind, step, verdict, reason = "", figures, hosts, services } = wave;
  return {
    ...{ name, kind, step, verdict, reason },
    sites: sitesOf(wave),
    ...(services ? { services } : {}),
    stacks: services ? 1 : Object.keys(hosts).length,
    failurePercent: figures?.failurePercent,
    checked: figures?.sites,
  };
}
