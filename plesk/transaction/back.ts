import { hasCode, SitefleetError } from "../../errors/index.ts";
import { backScript, closeScript } from "../commands/back.ts";
import { inspectScript } from "../commands/inspect.ts";
import { decided, endJournalScript, type Journal } from "../commands/journal.ts";
import { ORIGINAL } from "../commands/layout.ts";
import { unlockScript } from "../commands/lock.ts";
import { settleScript } from "../commands/release.ts";
import { EXIT } from "../exit-codes.ts";
import type { Session } from "../remote/session.ts";
import { resetCode } from "./code-reset.ts";
import type { Run } from "./context.ts";
import { type Inspection, parseInspection } from "./inspection.ts";
import { runPhase, runStep, stepsOf, wantedOf } from "./service-steps.ts";
import { restoreSnapshot } from "./snapshot.ts";

/** What a transaction has done that going back must undo. Filled while it runs. */
export interface Undo {
  /** Release being made live; "" when the run makes none live. */
  next: string;
  /** Release that was live; "" when there was none. */
  back: string;
  /** See {@link Journal.returns}. */
  readonly returns: boolean;
  /** The journal was begun: environment or release may have changed, and the next run knows. */
  noted: boolean;
  /** The switch was begun. */
  switching: boolean;
  /** Maintenance was switched on. */
  maintenance: boolean;
  /** The database may have changed. */
  migrating: boolean;
  /** Name of the snapshot; "" while there is none. */
  snapshot: string;
}

/** Nothing to undo yet. */
export function undo(next: string, back: string, returns = false): Undo {
  return { next, back, returns, noted: false, switching: false, maintenance: false, migrating: false, snapshot: "" };
}

/** What the journal has to say of a run that has come this far. */
export function journalOf({ next, back, returns, snapshot, maintenance, migrating }: Undo): Journal {
  return {
    phase: migrating ? "migrating" : maintenance ? "maintenance" : "switching",
    next: next || back,
    back,
    snapshot,
    returns,
  };
}

/** Why a release counts as bad that a rollback left. */
export const ROLLED_BACK = "rolled back";

/** Failures for which the release itself is to blame, so that the next run does not try it again. */
const BLAMED = new Set(["plesk.unhealthy", "plesk.step"]);

/**
 * Puts back what a failed transaction changed: release, environment, database, restarts, maintenance, lock; keeps evidence.
 *
 * @throws SitefleetError `plesk.stuck` when that failed after something visible had been changed; the journal stays, so that the
 * next run tries again.
 */
export async function putBack(run: Run, connection: Session, done: Undo, cause: unknown): Promise<void> {
  const session = connection.withoutSignal();
  const { layout, token } = run;
  const code = cause instanceof SitefleetError ? cause.code : "plesk.defect";
  const bad =
    BLAMED.has(code) && done.next !== "" && done.next !== done.back
      ? `${run.steps.failed ?? "unknown"} ${code}`
      : undefined;
  const evidence = JSON.stringify(
    {
      time: new Date().toISOString(),
      service: run.document.service.key,
      holder: run.holder,
      release: done.next,
      before: done.back,
      step: run.steps.failed,
      error: cause instanceof SitefleetError ? cause.toJSON() : { code, message: String(cause) },
      milliseconds: run.steps.times,
    },
    null,
    2,
  );
  const script = backScript(layout, token, {
    failed: done.switching ? done.next : "",
    to: done.back,
    now: run.now(),
    evidence: run.redact(evidence),
    reset: run.reset,
    bad,
  });
  try {
    await run.steps.step("back", async () => {
      await session.run("going back", script);
      if (done.switching && done.back !== "") await resetCode(run, done.back);
      await undoSteps(run, session, done);
      await session.run("unlocking", closeScript(layout, token));
    });
  } catch (error) {
    await session.run("unlocking", unlockScript(layout, token)).catch(() => {});
    // The release stays, and the next run makes up for what was not noted.
    if (hasCode(error, "plesk.remote.decided")) return;
    if (!done.noted && !done.switching && !done.migrating && !done.maintenance) return;
    throw stuck(run, `${run.steps.failed ?? "a step"} failed, and putting the previous state back failed too`, [
      cause,
      error,
    ]);
  }
}

function stuck(run: Run, message: string, causes: readonly unknown[]): SitefleetError {
  return new SitefleetError({
    code: "plesk.stuck",
    subject: run.document.service.key,
    message,
    details: causes.flatMap((each) =>
      each instanceof SitefleetError ? [each.message, ...each.details] : [String(each)],
    ),
    hint: "mend the cause and run again: the next run goes back first",
    exitCode: EXIT.stuck,
    cause: causes[0],
  });
}

/** The parts of going back that need more than links: database, restarts of what is live again, maintenance. */
async function undoSteps(run: Run, session: Session, done: Undo): Promise<void> {
  const { database } = run.document;
  if (done.migrating && done.snapshot !== "") {
    if (database === undefined) {
      throw new SitefleetError({
        code: "plesk.restore",
        message: `the database has to be restored from ${done.snapshot}, and the document names none`,
        hint: "run again with `database`",
        exitCode: EXIT.stuck,
      });
    }
    await restoreSnapshot(run, session, database, done.snapshot);
  }
  if (done.back === "") return;
  if (done.switching || done.migrating) {
    for (const step of stepsOf(run.document.service)) {
      if (step.restarts) await runStep(run, session, done.back, step).catch(ofTheOriginal(done));
    }
  }
  if (done.maintenance) await runPhase(run, session, "maintenance-off", done.back).catch(ofTheOriginal(done));
}

/** What a document root was before its first deployment need not know the service's steps: it serves without them, as it did. */
function ofTheOriginal({ back }: Undo): (error: unknown) => void {
  return (error) => {
    if (back !== ORIGINAL || !hasCode(error, "plesk.step")) throw error;
  };
}

/**
 * Puts back what a run left that was cut off half way, before anything else is done: its database may be half migrated. One whose release
 * stays is finished instead.
 *
 * @param wanted See `wantedOf`.
 * @returns the state of the service after that.
 * @throws SitefleetError `plesk.stuck`
 */
export async function recovered(
  run: Run,
  session: Session,
  inspection: Inspection,
  wanted?: string,
): Promise<Inspection> {
  const { journal } = inspection;
  if (journal === undefined) return inspection;
  await recover(run, session, inspection, journal);
  const script = inspectScript(run.layout, wantedOf(run, wanted));
  const said = await session.run("inspecting", script, { maxStdout: 64 * 1024 * 1024 });
  return parseInspection(said, run.layout.docrootTarget);
}

/**
 * See {@link recovered}.
 *
 * @throws SitefleetError `plesk.stuck`
 */
async function recover(run: Run, session: Session, { current, releases }: Inspection, journal: Journal): Promise<void> {
  const switching = current === journal.next;
  // Out of service and deleted since: its database can still be put back, and there is nothing to run its steps in.
  const gone = !switching && releases.every(({ id }) => id !== journal.back);
  const done: Undo = {
    next: journal.next,
    back: gone ? "" : journal.back,
    returns: journal.returns ?? false,
    noted: true,
    switching,
    maintenance: journal.phase !== "switching",
    migrating: journal.phase === "migrating",
    snapshot: journal.snapshot,
  };
  try {
    await run.steps.step("recover", async () => {
      if (decided(journal)) {
        const leaves = journal.returns ? ROLLED_BACK : undefined;
        const commit = { id: journal.next, now: run.exactly(), before: journal.back, leaves };
        await session.run("finishing", settleScript(run.layout, run.token, commit));
        return;
      }
      const failed = done.switching ? done.next : "";
      const back = { failed, to: done.back, now: run.now(), reset: run.reset };
      await session.run("going back", backScript(run.layout, run.token, back));
      if (done.switching && done.back !== "") await resetCode(run, done.back);
      await undoSteps(run, session, done);
      // Else the database would be put back once more by the run after this one, with what was written since.
      await session.run("noting", endJournalScript(run.layout, run.token));
    });
  } catch (error) {
    await session
      .withoutSignal()
      .run("unlocking", unlockScript(run.layout, run.token))
      .catch(() => {});
    throw stuck(run, "an earlier run was cut off, and putting back what it had changed failed", [error]);
  }
}
