import { userInfo } from "node:os";
import { describeError, SitefleetError } from "../errors/index.ts";
import { describeHolder, type Holder } from "../fleet/backend/locks/locks.ts";
import { stateDir } from "../fleet/backend/store/state-dir.ts";
import { stateStore } from "../fleet/backend/store/state-store.ts";
import {
  askOrAct,
  bringsMore,
  carryOut,
  confirmTarget,
  eventOf,
  inTurn,
  isUnfinished,
  note,
  type Place,
  patience,
  type Request,
  type RolloutEvent,
  type RolloutFiles,
  type RolloutRecord,
  rolloutFiles,
  rolloutWork,
} from "../fleet/releases/rollout/index.ts";
import { applyRun } from "../fleet/run/apply.ts";
import { checkNeeds } from "../fleet/run/needs/index.ts";
import { clearRun, type Finding, type Safeguard } from "../fleet/run/preflight/index.ts";
import { runFleet } from "../fleet/run/run.ts";
import { openSession, type Session } from "../fleet/run/session.ts";
import { tuning } from "../operations/fleet/over.ts";
import { openRunBudget } from "../operations/fleet/run-budget.ts";
import { DEFAULT_LOCK_TIMEOUT } from "../operations/kit/fields.ts";
import { loadInputs } from "../stacks/program.ts";
import type { Context } from "./context.ts";
import { sayRepair } from "./output/repair.ts";
import { eventLine } from "./output/rollout.ts";
import { say } from "./output/style.ts";
import { tell, watched } from "./watched.ts";

/** Options of the commands that carry a rollout out. */
export interface RolloutOptions {
  readonly concurrency?: number;
  readonly parallel?: number;
  readonly lockTimeout?: number;
  /** Machines that are gone for certain. */
  readonly gone?: readonly string[];
  /** Safeguards that are lifted. @default those of the rollout's beginning */
  readonly allow?: readonly Safeguard[];
}

/** A fresh look at backend and catalog. */
export const openRollout = (context: Context): Promise<Session> =>
  openSession({ catalogDir: context.catalogDir, configFile: context.configFile });

/** Where this backend's rollouts are kept. */
export async function openFiles(): Promise<RolloutFiles> {
  return rolloutFiles(stateDir(), await stateStore());
}

/** The newest rollout. */
export async function latestRollout(files: RolloutFiles): Promise<RolloutRecord | undefined> {
  const [id] = await files.list();
  return id === undefined ? undefined : files.read(id);
}

/** Refuses to begin another rollout beside one that is not over. @throws SitefleetError `rollout.unfinished` */
export function refuseSecond(latest: RolloutRecord | undefined): void {
  if (latest === undefined || !isUnfinished(latest)) return;
  throw new SitefleetError({
    code: "rollout.unfinished",
    message: `a rollout is not over: ${latest.status}${latest.reason === "" ? "" : `, ${latest.reason}`}`,
    subject: latest.id,
    hint: "sitefleet rollout status shows it; resume goes on with it, abort takes it back",
  });
}

/** Who asks. */
export const me = (): string => userInfo().username;

/** Where processes of this backend meet. */
export async function openPlace(gone?: readonly string[]): Promise<Place> {
  return { dir: stateDir(), store: await stateStore(), ...(gone ? { gone } : {}) };
}

/**
 * Judges a rollout as a whole before its first wave.
 *
 * @throws SitefleetError `preflight.refused`
 */
export async function clearRollout(
  context: Context,
  session: Session,
  record: RolloutRecord,
  { concurrency, parallel }: RolloutOptions,
): Promise<readonly Finding[]> {
  const look = { stacks: Object.keys(record.target), rules: { allow: record.allow ?? [] } };
  await checkNeeds(session, look.stacks);
  const { findings, failed } = await clearRun(session, look, (stacks) =>
    watched(stacks.length, (observer, signal) =>
      runFleet({
        operation: "preview",
        stacks,
        existing: new Set(session.infos.keys()),
        retired: session.choice.retired,
        catalogDir: context.catalogDir,
        configFile: context.configFile,
        ...tuning({ ...(concurrency ? { concurrency } : {}), ...(parallel ? { parallel } : {}) }),
        observer,
        signal,
      }),
    ),
  );
  if (failed.length === 0) return findings;
  throw new SitefleetError({
    code: "preview.failed",
    message: "the preview failed, so it is not known what the rollout would take away; nothing was changed",
    details: failed.flatMap(({ stack, errors }) => errors.map((error) => `${stack}: ${error}`)),
  });
}

/** Begins a rollout that has been planned, and carries it out. @throws SitefleetError `lock.held`, `rollout.unfinished` */
export async function beginRollout(
  context: Context,
  record: RolloutRecord,
  options: RolloutOptions,
): Promise<RolloutRecord> {
  // Before anything is written down: a rollout that cannot start must not be one that is not over.
  const stacks = Object.keys(record.target);
  await checkNeeds({ configFile: context.configFile, inputs: loadInputs(context.catalogDir) }, stacks);
  const place = await openPlace(options.gone);
  // The process that carried out the last one may be gone with its machine.
  const waiting = { waitMs: place.store ? patience(place) : 0, onWait: sayWaiting };
  return inTurn(place, waiting, async (lost) => {
    const files = await openFiles();
    // Another process may have begun one since this one was planned.
    refuseSecond(await latestRollout(files));
    await files.save(record);
    const waves = record.waves.map(({ name, hosts }) => ({
      wave: name,
      sites: Object.values(hosts).flat().length,
      stacks: Object.keys(hosts).length,
    }));
    const begun = await note(record, { event: "started", by: me(), waves }, { files });
    return goOn(context, begun, files, options, lost);
  });
}

const sayWaiting = (holder: Holder) => say(`waiting for another rollout: ${describeHolder(holder)}`);

/**
 * Hands a request to the process that carries the newest rollout out; where there is none, this one does what was asked.
 *
 * @throws SitefleetError `rollout.none`, `rollout.over`, `rollout.step`, `rollout.catalog`
 */
export async function askRollout(context: Context, request: Request, options: RolloutOptions): Promise<RolloutRecord> {
  const files = await openFiles();
  const latest = await latestRollout(files);
  if (latest === undefined) {
    throw new SitefleetError({
      code: "rollout.none",
      message: "there is no rollout",
      hint: "sitefleet rollout begins one",
    });
  }
  const { id } = latest;
  // Refused now when it does not fit; the process that takes it looks again.
  eventOf(latest, request);
  const act = async (lost: AbortSignal | undefined): Promise<RolloutRecord> => {
    const dropped = await files.take(id);
    if (dropped && dropped.want !== request.want)
      say(`${dropped.by} had asked to ${dropped.want}, which was not taken: ${request.want} takes its place`);
    const record = (await files.read(id)) ?? latest;
    if (bringsMore(record, request)) await confirmTarget(await openRollout(context), record);
    const event = eventOf(record, request);
    const onEvent = (one: RolloutEvent) => say(eventLine(one));
    const next = event ? await note(record, event, { files, onEvent }) : record;
    return request.want === "pause" ? next : goOn(context, next, files, options, lost);
  };
  const place = await openPlace(options.gone);
  const done = await askOrAct({ place, files, id, request }, act, (holder) => {
    const who = holder ? describeHolder(holder) : "the process that carries it out";
    say(`asked ${who}; it takes effect at its next step`);
  });
  return done ?? (await files.read(id)) ?? latest;
}

/**
 * Leaves no rollout running without a process that carries it out. A rollout that was stopped, or that a defect ended, is paused with the reason.
 * Not one that another process has taken over.
 */
async function owned(
  run: () => Promise<RolloutRecord>,
  about: {
    readonly record: RolloutRecord;
    readonly files: RolloutFiles;
    readonly stopped: AbortSignal;
    readonly lost: AbortSignal | undefined;
  },
): Promise<RolloutRecord> {
  const { files, stopped, lost } = about;
  const pause = async (reason: string) => {
    const now = (await files.read(about.record.id)) ?? about.record;
    if (now.status !== "running" || lost?.aborted) return now;
    return note(now, { event: "paused", reason, by: me() }, { files });
  };
  try {
    const record = await run();
    // Out of reach now: then it stays as it is, and the status says that no process carries it out.
    return stopped.aborted ? await pause("stopped").catch(() => record) : record;
  } catch (error) {
    await pause(`ended by an error: ${error instanceof SitefleetError ? describeError(error) : String(error)}`).catch(
      () => {},
    );
    throw error;
  }
}

/** Carries a rollout out with the real engine, within the vendors' limits. */
function goOn(
  context: Context,
  record: RolloutRecord,
  files: RolloutFiles,
  options: RolloutOptions,
  lost: AbortSignal | undefined,
): Promise<RolloutRecord> {
  const total = record.waves.reduce(
    (sum, { kind, hosts }) => sum + (kind === "shared" ? 1 : Object.keys(hosts).length),
    0,
  );
  return watched(total, (observer, stopped) => {
    const signal = lost ? AbortSignal.any([stopped, lost]) : stopped;
    const work = rolloutWork({
      open: () => openRollout(context),
      signal,
      async apply(session, { stacks, steps, desired, keepGoing, ended, refuse }) {
        const known = new Map(stacks.map((stack) => [stack, { steps: steps.get(stack) ?? [] }]));
        const needs = { stacks, known, hosts: [], live: 0, notes: [] };
        const budget =
          stacks.length > 0
            ? await openRunBudget({ estate: context, emit: tell }, session, needs, stacks, { ...options, signal })
            : undefined;
        return applyRun(session, {
          stacks: budget?.order ?? stacks,
          ...tuning(options),
          operation: "rollout",
          preflight: {
            rules: {
              allow: [...(record.allow ?? []), ...(options.allow ?? [])],
              direction: keepGoing ? "back" : "forward",
            },
          },
          budget: { ...budget?.hooks, refuse: (stack) => refuse?.(stack) ?? budget?.hooks.refuse?.(stack) },
          ...(desired ? { desired } : {}),
          ...(keepGoing ? { keepGoing } : {}),
          ...(options.gone ? { gone: options.gone } : {}),
          lockWaitMs: (options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT) * 1000,
          onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
          onRepair: sayRepair,
          onNotice: say,
          observer: {
            started: (stack) => observer.started(stack),
            step: (stack, step) => observer.step(stack, step),
            stepEnded: (stack, urn) => observer.stepEnded(stack, urn),
            ended: (result) => {
              ended?.(result);
              observer.ended(result);
            },
          },
          signal,
        }).finally(() => budget?.close());
      },
    });
    const carrying = { files, work, signal, onEvent: (event: RolloutEvent) => say(eventLine(event)) };
    return owned(() => carryOut(record, carrying), { record, files, stopped, lost });
  });
}
