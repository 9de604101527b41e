import type { SitefleetError } from "../../errors/index.ts";
import { inspectScript } from "../commands/inspect.ts";
import type { Target } from "../input.ts";
import { programsOf } from "../kinds/step.ts";
import { type Probe, type Unfit, unfit } from "../remote/probe.ts";
import type { Session } from "../remote/session.ts";
import { startRun } from "../transaction/context.ts";
import { parseInspection } from "../transaction/inspection.ts";
import { stepsOf, wantedOf } from "../transaction/service-steps.ts";
import { databasePrograms, lookAtDatabase } from "../transaction/snapshot.ts";
import { obstaclesOf } from "../transaction/standing.ts";
import { TRANSPORT_PROGRAMS } from "../transport/index.ts";
import { forServices, type ManyOptions, type Outcome } from "./session.ts";

/** What a look at one service on its host saw. */
export interface ServiceLook {
  readonly service: string;
  /** What the account can do. */
  readonly probe: Probe;
  /** Programs that every deployment needs and the account does not have. */
  readonly lacks: readonly Unfit[];
  /** Programs of the service's steps that the account does not have; its artifact may bring them. */
  readonly perhaps: readonly Unfit[];
  /** Why every deployment would refuse. */
  readonly obstacles: readonly string[];
  /** A run that was cut off has something pending. */
  readonly pending: boolean;
  /** Who holds its lock. */
  readonly locks: readonly string[];
  /** Why its database cannot be worked with; undefined when it can, or has none. */
  readonly database: unknown;
}

/** All of a service's needs count as met, but for programs. */
const ONLY_PROGRAMS = { writable: true, sameFileSystem: undefined, freeBytes: undefined } as const;

async function lookOn(target: Target, session: Session, signal: AbortSignal | undefined): Promise<ServiceLook> {
  const run = startRun(target, { signal });
  const said = await session.run("looking", inspectScript(run.layout, wantedOf(run)), { maxStdout: 64 * 1024 * 1024 });
  const inspection = parseInspection(said, run.layout.docrootTarget);
  const { service, host, database } = target;
  const lacking = (programs: Readonly<Record<string, string>>) =>
    unfit(host.profile, { ...inspection.probe, ...ONLY_PROGRAMS }, { programs, bytes: 0 });
  const failed =
    database === undefined
      ? undefined
      : await lookAtDatabase(run, session, database).then(
          () => undefined,
          (error: SitefleetError) => error,
        );
  return {
    service: service.key,
    probe: inspection.probe,
    lacks: lacking({ ...TRANSPORT_PROGRAMS, ...databasePrograms(database) }),
    perhaps: lacking(programsOf(stepsOf(service), new Set())),
    obstacles: obstaclesOf(inspection, run.layout).map(({ message }) => message),
    pending: inspection.journal !== undefined,
    locks: inspection.locks.map(({ holder }) => holder),
    database: failed,
  };
}

/** Looks at several services, with one connection a host. Takes no lock, makes no directory, leaves no file. */
export function look(targets: readonly Target[], options: ManyOptions = {}): Promise<Outcome<ServiceLook>[]> {
  return forServices(targets, (target, session) => lookOn(target, session, options.signal), options);
}
