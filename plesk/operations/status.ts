import { inspectScript } from "../commands/inspect.ts";
import type { Target } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { type Run, type RunOptions, startRun } from "../transaction/context.ts";
import { type Inspection, parseInspection, type SnapshotState } from "../transaction/inspection.ts";
import { wantedOf } from "../transaction/service-steps.ts";
import { type Obstacle, obstaclesOf, rollbackTarget, type Serves, servesOf, usable } from "../transaction/standing.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** A release on the host, as people see it. */
interface ReleaseInfo {
  readonly id: string;
  /** When it was last found good (ISO 8601); null when never. */
  readonly goodAt: string | null;
  readonly live: boolean;
  /** It was live before the live one. */
  readonly previous: boolean;
  /** It was taken back; `deploy` refuses it. */
  readonly bad: boolean;
  /** It can be made live: it is complete, or it is the original document root. */
  readonly usable: boolean;
}

/** State of one service. */
export interface ServiceStatus {
  readonly service: string;
  readonly path: string;
  readonly docroot: Inspection["docroot"];
  /** Live release; null when none is (never deployed, out of service, or visitors see something else). */
  readonly live: string | null;
  /** What visitors get, whatever `current` says. */
  readonly serves: Serves;
  /** Release that a rollback without `--to` would make live; null when there is none. */
  readonly rollbackTo: string | null;
  /** Why every deployment and rollback would refuse: something stands where the driver needs its links. With the way on. */
  readonly obstacles: readonly Obstacle[];
  /** Releases that are out of use and could not be deleted, in `<path>.sitefleet/trash`. */
  readonly leftovers: readonly string[];
  /** Newest first. */
  readonly releases: readonly ReleaseInfo[];
  /** Newest first. */
  readonly snapshots: readonly SnapshotState[];
  /** Who holds the lock, and until when (ISO 8601). */
  readonly locks: readonly { readonly holder: string; readonly expires: string }[];
  /** A run that was cut off has something pending; the next one puts it back first. */
  readonly pending: boolean;
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Lists the releases of a service, newest first. Pure. */
function releasesOf(inspection: Inspection): ReleaseInfo[] {
  return inspection.releases
    .map((release) => ({
      id: release.id,
      goodAt: release.goodAt === undefined ? null : iso(release.goodAt),
      live: release.id === inspection.live,
      previous: release.id === inspection.previous && release.id !== inspection.live,
      bad: release.bad,
      usable: usable(release),
    }))
    .sort((a, b) => (b.goodAt ?? "").localeCompare(a.goodAt ?? ""));
}

/** Asks the host about a service. Read-only. */
export async function inspect(run: Run, session: Session): Promise<Inspection> {
  const said = await session.run("inspecting", inspectScript(run.layout, wantedOf(run)), {
    maxStdout: 64 * 1024 * 1024,
  });
  return parseInspection(said, run.layout.docrootTarget);
}

/** State of one service over a connection that others use as well. Read-only. */
export async function statusOn(target: Target, session: Session, options: RunOptions = {}): Promise<ServiceStatus> {
  const run = startRun(target, options);
  const inspection = await inspect(run, session);
  return {
    service: target.service.key,
    path: target.service.path,
    docroot: inspection.docroot,
    live: inspection.live ?? null,
    serves: servesOf(inspection, run.layout),
    rollbackTo: rollbackTarget(inspection) ?? null,
    obstacles: obstaclesOf(inspection, run.layout),
    leftovers: inspection.trash,
    releases: releasesOf(inspection),
    snapshots: [...inspection.snapshots].reverse(),
    locks: inspection.locks.map(({ holder, expires }) => ({ holder, expires: iso(expires) })),
    pending: inspection.journal !== undefined,
  };
}

/** State of several services, with one connection a host. Read-only: takes no lock, makes no directory. */
export function status(
  targets: readonly Target[],
  options: RunOptions & ManyOptions = {},
): Promise<Outcome<ServiceStatus>[]> {
  return forServices(targets, (target, session) => statusOn(target, session, options), options);
}
