import { hasCode } from "../../errors/index.ts";
import type { Artifact } from "../artifact/index.ts";
import { journalScript } from "../commands/back.ts";
import { unlockScript } from "../commands/lock.ts";
import { cleanUpScript, commitScript, envScript, unchangedScript } from "../commands/release.ts";
import { SAY } from "../commands/script.ts";
import { switchScript } from "../commands/switch.ts";
import { renderEnv } from "../env-file.ts";
import type { DeployDocument } from "../input.ts";
import type { Step } from "../kinds/step.ts";
import type { Session } from "../remote/session.ts";
import { putBack, recover, type Undo, undo } from "./back.ts";
import { refusals } from "./check.ts";
import { connect, openArtifact, type Run, type RunOptions, startRun } from "./context.ts";
import { type Inspection, parseInspection, releasesToRemove } from "./inspection.ts";
import { type HeldLock, takeLock } from "./lock.ts";
import { runPhase, stepsOf } from "./service-steps.ts";
import { checkDatabase, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { ensureRelease, type Uploaded } from "./upload.ts";

/** Snapshots kept of a service whose document names no database (any more). */
const SNAPSHOTS_KEPT = 5;

/** What a deployment did. */
export interface DeployResult {
  readonly action: "deploy";
  readonly service: string;
  /** Live release now, 64 hex digits. */
  readonly release: string;
  /** Live release before; null when there was none. */
  readonly before: string | null;
  /** `unchanged`: it was live already. `switched`: it lay on the host already. `released`: it was uploaded. */
  readonly outcome: "unchanged" | "switched" | "released";
  /** A real document root was made a release. */
  readonly converted: boolean;
  /** Files and bytes sent; files that an earlier release has are linked on the host. */
  readonly sent: { readonly files: number; readonly bytes: number };
  /** How they were sent; null when nothing had to be looked at. */
  readonly transport: Uploaded["transport"] | null;
  /** Snapshot of the database taken before its migration; null when nothing migrated. */
  readonly snapshot: Snapshot | null;
  /** Remote steps that ran. */
  readonly ran: readonly string[];
  /** Releases deleted. */
  readonly removed: readonly string[];
  /** Variables in `shared/.env`; null when it was left alone. */
  readonly env: number | null;
  /** Holder of an expired lock that was taken over. */
  readonly tookOver: string | null;
  /** What a run that was cut off had left was put back first. */
  readonly recovered: boolean;
  /** What went wrong after the new release was live and good; empty when nothing did. */
  readonly warnings: readonly string[];
  /** Milliseconds a step. */
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * Deploys a service as one transaction. Safe to repeat: what is done is recognised and not done again.
 *
 * @throws SitefleetError; the codes and what each leaves behind are listed in docs/plesk.md.
 */
export async function deploy(document: DeployDocument, options: RunOptions = {}): Promise<DeployResult> {
  const run = startRun(document, options);
  const artifact = await run.steps.step("artifact", () => openArtifact(run));
  const session = await connect(run);
  try {
    return await transaction(run, session, artifact);
  } finally {
    await session.close();
  }
}

/** Takes the lock; when that fails in a way that leaves it unclear whether it was taken, gives it back. */
export async function lockOrLeave(run: Run, session: Session, wantedId?: string): Promise<HeldLock> {
  try {
    return await run.steps.step("lock", () => takeLock(run, session, wantedId));
  } catch (error) {
    if (!hasCode(error, "plesk.locked")) {
      await session
        .withoutSignal()
        .run("unlocking", unlockScript(run.layout, run.token))
        .catch(() => {});
    }
    throw error;
  }
}

async function transaction(run: Run<DeployDocument>, session: Session, artifact: Artifact): Promise<DeployResult> {
  const { document } = run;
  const id = artifact.digest;
  const lock = await lockOrLeave(run, session, id);
  let inspection = parseInspection(lock.said, run.layout.docrootTarget);
  // A document root that is converted in this run is a release after that, and that is what to go back to.
  const back = inspection.live ?? (inspection.docroot === "dir" ? "original" : "");
  let done = undo(id, back);
  let uploaded: Uploaded | undefined;
  let switched: Switched = { converted: false, snapshot: null, ran: [] };
  const { journal } = inspection;
  let removed: string[] = [];
  let unchanged = false;
  try {
    if (journal !== undefined) {
      await recover(run, session, journal, inspection.live);
      inspection = { ...inspection, live: journal.back === "" ? undefined : journal.back };
      done = undo(id, journal.back);
    }
    unchanged = inspection.live === id && inspection.docroot === "ours";
    removed = releasesToRemove(inspection, id, document.service.keep);
    const [reason] = await run.steps.step("check", () => refusals(run, session, inspection, artifact));
    if (reason !== undefined) throw reason;
    if (!unchanged) {
      if (migrations(run).length > 0 && document.database) await checkDatabase(run, session, document.database);
      uploaded = await ensureRelease(run, session, inspection, artifact);
    }
    lock.check();
    const { env } = document;
    if (unchanged && document.health === undefined && journal === undefined) {
      await lock.stop();
      const note = { id, now: run.now(), owner: document.owner };
      const text = env === undefined ? undefined : renderEnv(env);
      const script = unchangedScript(run.layout, run.token, note, text, removed, keptSnapshots(run));
      await run.steps.step("finish", () => session.run("finishing", script));
      return report(run, { id, inspection, uploaded, switched, removed, lock, recovered: false, warnings: [] });
    }
    if (env !== undefined) {
      await run.steps.step("env", () => session.run("writing .env", envScript(run.layout, run.token, renderEnv(env))));
    }
    if (unchanged) done = { ...done, next: "" };
    else switched = await makeLive(run, session, inspection, done);
    await checkHealth(run, id);
    if (done.maintenance) switched.ran.push(...(await runPhase(run, session, "maintenance-off", id)));
    lock.check();
    await commit(run, session, id, document.owner);
  } catch (error) {
    await lock.stop();
    // Stuck already: what a run before this one had pending stays noted for the next.
    if (!hasCode(error, "plesk.stuck")) await putBack(run, session, done, error);
    throw error;
  }
  const warnings = await cleanUp(run, session, lock, removed);
  return report(run, { id, inspection, uploaded, switched, removed, lock, recovered: journal !== undefined, warnings });
}

function report(
  run: Run<DeployDocument>,
  outcome: {
    readonly id: string;
    readonly inspection: Inspection;
    readonly uploaded: Uploaded | undefined;
    readonly switched: Switched;
    readonly removed: readonly string[];
    readonly lock: HeldLock;
    readonly recovered: boolean;
    readonly warnings: readonly string[];
  },
): DeployResult {
  const { id, inspection, uploaded, switched, removed, lock, recovered, warnings } = outcome;
  const { env, service } = run.document;
  return {
    action: "deploy",
    service: service.key,
    release: id,
    before: inspection.live ?? (switched.converted ? "original" : null),
    outcome: uploaded === undefined ? "unchanged" : uploaded.reused ? "switched" : "released",
    converted: switched.converted,
    sent: { files: uploaded?.files ?? 0, bytes: uploaded?.bytes ?? 0 },
    transport: uploaded?.transport ?? null,
    snapshot: switched.snapshot,
    ran: switched.ran,
    removed,
    env: env === undefined ? null : Object.keys(env).length,
    tookOver: lock.tookOver ?? null,
    recovered,
    warnings,
    steps: run.steps.times,
  };
}

/** Notes that the run has succeeded; see `commitScript`. */
export function commit(run: Run, session: Session, id: string, owner?: string): Promise<unknown> {
  const note = { id, now: run.now(), ...(owner === undefined ? {} : { owner }) };
  return run.steps.step("commit", () => session.run("noting the success", commitScript(run.layout, run.token, note)));
}

/** Prunes and unlocks after a success. @returns what went wrong in one sentence; it is no reason to take a good release back. */
export async function cleanUp(
  run: Run,
  session: Session,
  lock: HeldLock,
  remove: readonly string[],
): Promise<string[]> {
  // The lock's file must keep its name from here on: the script removes it.
  await lock.stop();
  try {
    await run.steps.step("clean up", () =>
      session.run("cleaning up", cleanUpScript(run.layout, run.token, remove, keptSnapshots(run))),
    );
    return [];
  } catch (error) {
    await session
      .withoutSignal()
      .run("unlocking", unlockScript(run.layout, run.token))
      .catch(() => {});
    return [`cleaning up failed: ${error instanceof Error ? error.message : String(error)}`];
  }
}

const keptSnapshots = (run: Run): number => run.document.database?.keep ?? SNAPSHOTS_KEPT;

const migrations = (run: Run): readonly Step[] => stepsOf(run.document.service).filter((step) => step.migrates);

interface Switched {
  readonly converted: boolean;
  readonly snapshot: Snapshot | null;
  readonly ran: string[];
}

/** Everything between the published release and the question whether it is healthy. Notes in `done` what going back must undo. */
async function makeLive(run: Run, session: Session, inspection: Inspection, done: Undo): Promise<Switched> {
  const { layout, token, document } = run;
  const ran: string[] = [];
  let snapshot: Snapshot | null = null;
  const note = (phase: "maintenance" | "migrating"): Promise<unknown> => {
    const { next, back, snapshot } = done;
    return session.run("noting", journalScript(layout, token, { phase, next, back, snapshot }));
  };
  const migrating = migrations(run).length > 0;
  if (migrating) {
    if (done.back !== "" && inspection.live !== undefined) {
      await note("maintenance");
      done.maintenance = true;
      ran.push(...(await runPhase(run, session, "maintenance-on", done.back)));
    }
    if (document.database !== undefined) {
      snapshot = await takeSnapshot(run, session, document.database, done.back);
      done.snapshot = snapshot.name;
    }
  }
  const beforeStep = async (step: Step): Promise<void> => {
    if (!step.migrates || done.migrating) return;
    await note("migrating");
    done.migrating = true;
  };
  ran.push(...(await runPhase(run, session, "before-switch", done.next, beforeStep)));
  done.switching = true;
  const said = await run.steps.step("switch", () =>
    session.run("the switch", switchScript(layout, token, done.next, run.now())),
  );
  ran.push(...(await runPhase(run, session, "after-switch", done.next, beforeStep)));
  ran.push(...(await runPhase(run, session, "check", done.next)));
  return { converted: said.some((line) => line.startsWith(`${SAY}converted`)), snapshot, ran };
}

/** Asks the service over HTTP, when the document says how. @throws SitefleetError `plesk.unhealthy` */
export async function checkHealth(run: Run, release: string): Promise<void> {
  const { health } = run.document;
  if (health === undefined) return;
  // The HTTP client is a third of what the driver would otherwise load.
  const { untilHealthy } = await import("./health.ts");
  await run.steps.step("health", () => untilHealthy(health, release, run.signal));
}
