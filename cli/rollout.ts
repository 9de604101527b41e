import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, SitefleetError } from "../errors/index.ts";
import { applyRun } from "../fleet/apply.ts";
import { describeHolder, lockStacks } from "../fleet/lock/locks.ts";
import {
  carryOut,
  confirmTarget,
  eventOf,
  isUnfinished,
  note,
  type Request,
  type RolloutEvent,
  type RolloutFiles,
  type RolloutRecord,
  rolloutFiles,
  rolloutWork,
} from "../fleet/rollout/index.ts";
import { openSession, type Session } from "../fleet/session.ts";
import { stateDir } from "../fleet/store/state-dir.ts";
import { stateStore } from "../fleet/store/state-store.ts";
import { openRunBudget } from "./budget.ts";
import type { Context } from "./context.ts";
import { tuning, watched } from "./fleet.ts";
import { sayRepair } from "./output/repair.ts";
import { eventLine } from "./output/rollout.ts";
import { say } from "./output/style.ts";
import { DEFAULT_LOCK_TIMEOUT } from "./update.ts";

/** Options of the commands that carry a rollout out. */
export interface RolloutOptions {
  readonly concurrency?: number;
  readonly parallel?: number;
  readonly lockTimeout?: number;
}

/** The name under which whoever carries a rollout out is known; no stack has it. */
const LOCK = "rollout";
/** How long a request waits for the process that carries the rollout out, ms. */
const HEARD_MS = 15_000;
const HEARD_LOOK_MS = 250;

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

/** Begins a rollout that has been planned, and carries it out. @throws SitefleetError `lock.held` */
export function beginRollout(context: Context, record: RolloutRecord, options: RolloutOptions): Promise<RolloutRecord> {
  return alone(async () => {
    const files = await openFiles();
    // Somebody else may have begun one since it was planned.
    refuseSecond(await latestRollout(files));
    await files.save(record);
    const waves = record.waves.map(({ name, hosts }) => ({
      wave: name,
      sites: Object.values(hosts).flat().length,
      stacks: Object.keys(hosts).length,
    }));
    const begun = await note(record, { event: "started", by: me(), waves }, { files });
    return goOn(context, begun, files, options);
  });
}

/**
 * Hands a request to the process that carries the newest rollout out; where there is none, this one does what was asked.
 *
 * @throws SitefleetError `rollout.none`, `rollout.over`, `rollout.step`, `rollout.catalog`, `rollout.unheard`
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
  const wanted = eventOf(latest, request);
  try {
    return await alone(async () => {
      // What nobody has taken is overtaken by this.
      await files.take(latest.id);
      const record = (await files.read(latest.id)) ?? latest;
      if (request.want !== "abort" && request.want !== "pause") await confirmTarget(await openRollout(context), record);
      const event = eventOf(record, request);
      const onEvent = (one: RolloutEvent) => say(eventLine(one));
      const next = event ? await note(record, event, { files, onEvent }) : record;
      return request.want === "pause" ? next : goOn(context, next, files, options);
    });
  } catch (error) {
    if (!hasCode(error, "lock.held")) throw error;
  }
  if (wanted === undefined) return latest;
  await files.ask(latest.id, request);
  say(`asked the process that carries ${latest.id} out; it takes effect at its next step`);
  return heard(files, latest);
}

/** Waits until the record shows a change; a long step may keep it waiting, which is no error. */
async function heard(files: RolloutFiles, before: RolloutRecord): Promise<RolloutRecord> {
  const known = JSON.stringify(before);
  for (const until = Date.now() + HEARD_MS; Date.now() < until; ) {
    const now = await files.read(before.id);
    if (now && JSON.stringify(now) !== known) return now;
    await sleep(HEARD_LOOK_MS);
  }
  return before;
}

/** Only one process carries rollouts of a backend out. @throws SitefleetError `lock.held` */
async function alone<Result>(run: () => Promise<Result>): Promise<Result> {
  const dir = `${stateDir()}/locks`;
  const store = await stateStore();
  const held = await lockStacks({ dir, store, stacks: [LOCK], run: LOCK, operation: "rollout", waitMs: 0 });
  try {
    return await run();
  } finally {
    await held.release();
  }
}

/** Carries a rollout out with the real engine, within the vendors' limits. */
function goOn(
  context: Context,
  record: RolloutRecord,
  files: RolloutFiles,
  options: RolloutOptions,
): Promise<RolloutRecord> {
  const total = record.waves.reduce(
    (sum, { kind, hosts }) => sum + (kind === "shared" ? 1 : Object.keys(hosts).length),
    0,
  );
  return watched(total, (observer, signal) => {
    const work = rolloutWork({
      open: () => openRollout(context),
      signal,
      async apply(session, { stacks, steps, desired }) {
        const known = new Map(stacks.map((stack) => [stack, { steps: steps.get(stack) ?? [] }]));
        const needs = { stacks, known, hosts: [], live: 0, notes: [] };
        const budget =
          stacks.length > 0 ? await openRunBudget(context, session, needs, stacks, { ...options, signal }) : undefined;
        return applyRun(session, {
          stacks: budget?.order ?? stacks,
          ...tuning(options),
          operation: "rollout",
          ...(budget ? { budget: budget.hooks } : {}),
          ...(desired ? { desired } : {}),
          lockWaitMs: (options.lockTimeout ?? DEFAULT_LOCK_TIMEOUT) * 1000,
          onWait: (stack, holder) => say(`waiting for ${stack}: held by ${describeHolder(holder)}`),
          onRepair: sayRepair,
          observer,
          signal,
        }).finally(() => budget?.close());
      },
    });
    return carryOut(record, { files, work, signal, onEvent: (event) => say(eventLine(event)) });
  });
}
