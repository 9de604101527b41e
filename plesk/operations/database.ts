import { hasCode, SitefleetError } from "../../errors/index.ts";
import { closeScript } from "../commands/back.ts";
import { EXIT } from "../exit-codes.ts";
import type { Database, Target } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { putBack, recovered, undo } from "../transaction/back.ts";
import { type Run, type RunOptions, startRun } from "../transaction/context.ts";
import { type Inspection, parseInspection } from "../transaction/inspection.ts";
import { lockOrLeave } from "../transaction/lock.ts";
import { checkDatabase, restoreSnapshot, type Snapshot, takeSnapshot } from "../transaction/snapshot.ts";
import { forService, forServices, type ManyOptions, type Outcome } from "./session.ts";

/** What restoring a snapshot did. */
export interface RestoreResult {
  readonly service: string;
  /** Name of the snapshot that was restored. */
  readonly restored: string;
  /** Snapshot of the database as it was just before. */
  readonly kept: string;
}

/** Runs something under the lock with the service's database; puts back what an earlier run left pending first. */
export async function underLock<Value>(
  target: Target,
  session: Session,
  options: RunOptions,
  work: (run: Run, session: Session, database: Database, inspection: Inspection) => Promise<Value>,
): Promise<Value> {
  const { database } = target;
  if (database === undefined) {
    throw new SitefleetError({
      code: "plesk.input",
      message: `${target.service.key} has no database`,
      exitCode: EXIT.input,
    });
  }
  const run = startRun(target, options);
  const lock = await lockOrLeave(run, session);
  const inspection = parseInspection(lock.said, run.layout.docrootTarget);
  try {
    const value = await work(run, session, database, await recovered(run, session, inspection));
    await lock.stop();
    await session.run("unlocking", closeScript(run.layout, run.token));
    return value;
  } catch (error) {
    await lock.stop();
    if (!hasCode(error, "plesk.stuck")) await putBack(run, session, undo("", ""), error);
    throw error;
  }
}

/** Takes a snapshot of a service's database and proves it. @throws SitefleetError `plesk.snapshot` */
export function snapshotDatabase(target: Target, options: RunOptions = {}): Promise<Snapshot> {
  return forService(target, (session) => snapshotOn(target, session, options), options);
}

/** {@link snapshotDatabase} for several services, over one connection a host. */
export function snapshotAll(
  targets: readonly Target[],
  options: RunOptions & ManyOptions = {},
): Promise<Outcome<Snapshot>[]> {
  return forServices(targets, (target, session) => snapshotOn(target, session, options), options);
}

function snapshotOn(target: Target, session: Session, options: RunOptions): Promise<Snapshot> {
  return underLock(target, session, options, async (run, on, database, { live }) => {
    await checkDatabase(run, on, database);
    return takeSnapshot(run, on, database, live ?? "");
  });
}

/**
 * Makes a service's database what a snapshot holds. The state before is kept in a snapshot of its own.
 *
 * @param name Name of the snapshot, as `status` lists it.
 * @throws SitefleetError `plesk.restore`, `plesk.snapshot`
 */
export function restoreDatabase(
  target: Target,
  name: string,
  options: RunOptions & ManyOptions = {},
): Promise<RestoreResult> {
  const work = async (
    run: Run,
    session: Session,
    database: Database,
    inspection: Inspection,
  ): Promise<RestoreResult> => {
    if (!inspection.snapshots.some((snapshot) => snapshot.name === name)) {
      throw new SitefleetError({
        code: "plesk.restore",
        subject: target.service.key,
        message: `there is no snapshot ${JSON.stringify(name)}`,
        hint: "see `sitefleet plesk status`",
        exitCode: EXIT.refused,
      });
    }
    const kept = await takeSnapshot(run, session, database, inspection.live ?? "");
    await restoreSnapshot(run, session, database, name);
    return { service: target.service.key, restored: name, kept: kept.name };
  };
  return forService(target, (session) => underLock(target, session, options, work), options);
}
