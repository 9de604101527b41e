import { hasCode } from "../../errors/index.ts";
import { type DatabaseFigures, figuresQuery, parseFigures } from "../commands/figures.ts";
import { inspectScript } from "../commands/inspect.ts";
import type { Target } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { startRun } from "../transaction/context.ts";
import { parseInspection } from "../transaction/inspection.ts";
import { wantedOf } from "../transaction/service-steps.ts";
import { lookAtDatabase } from "../transaction/snapshot.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** A service in figures. Times in ms since 1970. */
export interface ServiceFigures {
  readonly service: string;
  /** Of the place of its releases; undefined where the account cannot tell. */
  readonly disk: { readonly freeBytes: number; readonly bytes: number } | undefined;
  /** A release of ours is live. */
  readonly deployed: boolean;
  /** When the live release was last found good. */
  readonly goodAt: number | undefined;
  readonly cutOff: boolean;
  readonly locked: boolean;
  readonly snapshotAt: number | undefined;
  /** Undefined where it has none, or its credentials are not known. */
  readonly database: { readonly up: boolean; readonly figures: DatabaseFigures } | undefined;
}

async function figuresOn(target: Target, session: Session, signal: AbortSignal | undefined): Promise<ServiceFigures> {
  const run = startRun(target, { signal });
  const said = await session.run("looking", inspectScript(run.layout, wantedOf(run)), { maxStdout: 64 * 1024 * 1024 });
  const inspection = parseInspection(said, run.layout.docrootTarget);
  const { freeBytes, usedBytes } = inspection.probe;
  const live = inspection.releases.find(({ id }) => id === inspection.live);
  const snapshotAt = Number(inspection.snapshots.at(-1)?.name.split("-")[0]);
  const asked = async (database: NonNullable<Target["database"]>) => {
    const query = figuresQuery(database.engine, target.service.kind);
    try {
      const { applied } = await lookAtDatabase(run, session, database, query);
      return { up: true, figures: parseFigures(applied) };
    } catch (error) {
      // What a snapshot would need more says nothing here: such a database has answered.
      if (hasCode(error, "plesk.database.grants") || hasCode(error, "plesk.database.reach"))
        return { up: true, figures: {} };
      if (!hasCode(error, "plesk.database")) throw error;
      return { up: false, figures: {} };
    }
  };
  return {
    service: target.service.key,
    disk: freeBytes === undefined || usedBytes === undefined ? undefined : { freeBytes, bytes: freeBytes + usedBytes },
    deployed: inspection.live !== undefined,
    goodAt: live?.goodAt === undefined ? undefined : live.goodAt * 1000,
    cutOff: inspection.journal !== undefined,
    locked: inspection.locks.length > 0,
    snapshotAt: Number.isFinite(snapshotAt) ? snapshotAt : undefined,
    database: target.database === undefined ? undefined : await asked(target.database),
  };
}

/** Figures of several services, with one connection a host. Takes no lock, makes no directory, leaves no file. */
export function figures(targets: readonly Target[], options: ManyOptions = {}): Promise<Outcome<ServiceFigures>[]> {
  return forServices(targets, (target, session) => figuresOn(target, session, options.signal), options);
}
