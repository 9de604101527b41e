import { setTimeout } from "node:timers/promises";
import pLimit from "p-limit";
import { environment } from "../../environment/index.ts";
import { describeError, hasCode, SitefleetError } from "../../errors/index.ts";
import { readsShared } from "../../stacks/fingerprint.ts";
import { PLESK_STACK, SHARED_STACK } from "../../stacks/names.ts";
import { handIn } from "../backend/copy/hand-in.ts";
import { type Journal, listRuns } from "../backend/journal/journal.ts";
import { lockedStacks } from "../backend/locks/engine-files.ts";
import { type EngineLock, engineLocks, type ForeignKnowledge } from "../backend/locks/engine-locks.ts";
import { describeLeftovers, endLeftovers } from "../backend/locks/leftovers.ts";
import type { Holder } from "../backend/locks/locks.ts";
import { restoreStates } from "../backend/states/cut-off.ts";
import { inspectStates, type StateFault } from "../backend/states/inspect.ts";
import { mendBackend } from "../backend/states/mend.ts";
import { outdate } from "../backend/store/look.ts";
import { newStack } from "../engine/new-stack.ts";
import type { RepairReport } from "../engine/repair-report.ts";
import { refusalOf, repairStack } from "../repair/index.ts";
import type { Session } from "./session.ts";

/** Each starts the engine a few times: more at once would only wait for the processor. */
const REPAIRS_AT_ONCE = 3;
const LOCK_LOOK_MS = 500;
/** Each is one request to the backend. */
const LOCK_LOOKS_AT_ONCE = 8;

/** How stacks are put right before a run begins. */
export interface RepairOptions {
  /** How long to wait for other runs' locks and engines, ms. */
  readonly lockWaitMs: number;
  readonly onWait?: (stack: string, holder: Holder) => void;
  /** Machines that are gone for certain: what their engines have locked is taken over. @default none */
  readonly gone?: readonly string[];
  /** Told what was done about a stack whose last update was interrupted. */
  readonly onRepair?: (report: RepairReport) => void;
  /** Told, in one line, what else was put right before anything started. */
  readonly onNotice?: (line: string) => void;
}

type Interrupted = Pick<ForeignKnowledge, "left">;

/**
 * Puts right what earlier runs left half done: processes, states that cannot be read, interrupted updates. The stacks' locks are held.
 *
 * @param interrupted see {@link interruptedStacks}
 * @returns stacks that must not be touched, with the reason
 */
export async function repairInterrupted(
  session: Session,
  stacks: readonly string[],
  options: RepairOptions,
  { interrupted, journal }: { readonly interrupted: ReadonlyMap<string, Interrupted>; readonly journal: Journal },
): Promise<Map<string, string>> {
  const left = await endLeftovers();
  if (left.length > 0) options.onNotice?.(describeLeftovers(left));
  const kept = await handInAll(stacks, options);
  const [mended, locked] = await Promise.all([mendStates(session, stacks, options), holdersOf(stacks)]);
  const unsound = new Map([...kept, ...mended]);
  const broken = stacks.filter(
    (stack) => !unsound.has(stack) && (interrupted.has(stack) || locked.has(stack)) && session.infos.has(stack),
  );
  const repairs = await repairAll(broken, {
    configFile: session.configFile,
    waitMs: options.lockWaitMs,
    foreign: (stack) => ({ gone: new Set(options.gone), ...interrupted.get(stack) }),
    done: (report) => {
      journal.write({ event: "stack-repaired", stack: report.stack, report });
      options.onRepair?.(report);
    },
    waiting: (stack) => {
      const holder = locked.get(stack);
      if (holder) options.onWait?.(stack, holder);
    },
  });
  return new Map([...unsound, ...repairs]);
}

/**
 * Hands in the states that killed runs have left in copies on this machine. An engine of theirs may still end what it has in flight.
 *
 * @returns stacks whose copy cannot be handed in, with the reason
 */
async function handInAll(
  stacks: readonly string[],
  { lockWaitMs, onNotice }: RepairOptions,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const until = Date.now() + lockWaitMs;
  for (const stack of stacks) {
    try {
      const done = await repairOnceUnlocked(
        () => handIn(stack, environment()),
        until,
        () => {},
      );
      if (done) outdate();
      if (done?.outcome === "saved")
        onNotice?.(`${stack}: a killed run had left a newer state here; it is in the backend now`);
      if (done?.outcome === "kept")
        onNotice?.(
          `${stack}: a killed run's state was not handed in, another has written since; it is kept: ${done.kept}`,
        );
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      refused.set(stack, describeError(error));
    }
  }
  return refused;
}

/** Stacks whose last mention in any journal is a start without an end, or a failure; with where and since when. */
export function interruptedStacks(dir: string): Map<string, Interrupted> {
  const latest = new Map<string, Interrupted | undefined>();
  for (const { done, interrupted, failed, host, startedAt } of listRuns(dir)) {
    for (const stack of done) if (!latest.has(stack)) latest.set(stack, undefined);
    const left = host === undefined ? {} : { left: { host, since: startedAt } };
    for (const stack of [...interrupted, ...failed]) if (!latest.has(stack)) latest.set(stack, left);
  }
  return new Map([...latest].flatMap(([stack, left]) => (left === undefined ? [] : [[stack, left] as const])));
}

/**
 * Puts a whole copy in the place of states that cannot be read, where that is safe. Nothing is made on top of the others, nor
 * in stacks that read the outputs of a shared stack among them: they are returned with the reason.
 */
async function mendStates(
  session: Session,
  stacks: readonly string[],
  { onNotice }: RepairOptions,
): Promise<Map<string, string>> {
  mendBackend();
  const wanted = await withShared(session, stacks);
  let faults = await inspectStates(wanted);
  if ([...faults.values()].some(({ mendable }) => mendable)) {
    for (const { stack, from, broken } of await restoreStates(faults.values())) {
      const instead = from === undefined ? "there is no older one: it begins anew" : `${from} took its place`;
      if (from === undefined) await newStack(stack, session.configFile);
      onNotice?.(`${stack}: its state could not be read; ${instead}. The broken file is ${broken}`);
    }
    faults = await inspectStates(wanted);
  }
  return unsoundStacks(session, stacks, faults);
}

/** These stacks, and the shared one where any of them uses it. */
async function withShared({ choice, inputs }: Session, stacks: readonly string[]): Promise<string[]> {
  const uses = stacks.filter((stack) => !choice.retired.has(stack)).map((stack) => usesShared(inputs, stack));
  return (await Promise.all(uses)).includes(true) ? [SHARED_STACK, ...stacks] : [...stacks];
}

/** Stacks that must not be touched, with the reason. Where the shared stack is one, the stacks that use it are too. */
export async function unsoundStacks(
  { choice, inputs }: Pick<Session, "choice" | "inputs">,
  stacks: readonly string[],
  faults: ReadonlyMap<string, StateFault>,
): Promise<Map<string, string>> {
  const shared = faults.get(SHARED_STACK);
  const found = new Map<string, string>();
  for (const stack of stacks) {
    const fault = faults.get(stack);
    if (fault) found.set(stack, describeError(fault.error));
    else if (shared && !choice.retired.has(stack) && (await usesShared(inputs, stack)))
      found.set(stack, `it uses stack ${SHARED_STACK}, whose state ${shared.damage.says}`);
  }
  return found;
}

const usesShared = async (inputs: Session["inputs"], stack: string) =>
  stack === PLESK_STACK || readsShared(await inputs.state(stack));

/** Stacks that an engine has locked, or had when it died: plain `pulumi`, or a run that was killed. */
async function holdersOf(stacks: readonly string[]): Promise<Map<string, Holder>> {
  const limit = pLimit(LOCK_LOOKS_AT_ONCE);
  const locked = await lockedStacks(environment());
  const asked = stacks.filter((stack) => locked.has(stack));
  const found = await Promise.all(
    asked.map((stack) => limit(async () => [stack, (await engineLocks(stack))[0]] as const)),
  );
  return new Map(found.flatMap(([stack, lock]) => (lock ? [[stack, holderOf(lock)] as const] : [])));
}

const holderOf = ({ user, host, pid, since }: EngineLock): Holder => ({
  run: "of pulumi itself",
  user,
  host,
  pid,
  startTicks: "",
  operation: "pulumi",
  since,
});

interface Repairs {
  readonly configFile: string;
  readonly waitMs: number;
  readonly foreign: (stack: string) => ForeignKnowledge;
  readonly done: (report: RepairReport) => void;
  /** Told once for a stack whose engine still works. */
  readonly waiting: (stack: string) => void;
}

/** Repairs stacks, some at a time; returns those that cannot be, with the reason. */
async function repairAll(
  stacks: readonly string[],
  { configFile, waitMs, foreign, done, waiting }: Repairs,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const limit = pLimit(REPAIRS_AT_ONCE);
  const until = Date.now() + waitMs;
  const one = async (stack: string) => {
    try {
      const repair = () => repairStack(stack, { configFile, foreign: foreign(stack) });
      const report = await repairOnceUnlocked(repair, until, () => waiting(stack));
      done(report);
      const refusal = refusalOf([report]);
      // An update on top of something undecided could make it twice.
      const undecided = report.resources.filter(({ outcome }) => outcome === "kept");
      if (refusal) refused.set(stack, [refusal.message, ...refusal.details].join("; "));
      else if (!report.ok) {
        refused.set(stack, `not decided yet: ${undecided.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`);
      }
    } catch (error) {
      if (!(error instanceof SitefleetError)) throw error;
      refused.set(stack, describeError(error));
    }
  };
  await Promise.all(stacks.map((stack) => limit(() => one(stack))));
  return refused;
}

/** Repeats a repair until the stack is unlocked: the engine of a killed run may still end what it has in flight, and then unlocks. */
async function repairOnceUnlocked<Result>(
  repair: () => Promise<Result>,
  until: number,
  waiting: () => void,
): Promise<Result> {
  for (let looked = 0; ; looked++) {
    try {
      return await repair();
    } catch (error) {
      if (!hasCode(error, "stack.locked") || Date.now() > until) throw error;
      if (looked === 0) waiting();
      await setTimeout(LOCK_LOOK_MS);
    }
  }
}
