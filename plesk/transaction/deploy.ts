import { hasCode } from "../../errors/index.ts";
import type { Artifact } from "../artifact/index.ts";
import { envScript, unchangedScript } from "../commands/release.ts";
import { resetScript } from "../commands/reset.ts";
import { renderEnv } from "../env-file.ts";
import type { DeployDocument } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { putBack, recover, undo } from "./back.ts";
import { changesOnHost } from "./changes.ts";
import { pathsOf, refusals } from "./check.ts";
import { connect, openArtifact, type Run, type RunOptions, startRun } from "./context.ts";
import { checkHealth, cleanUp, commit, keptSnapshots } from "./finish.ts";
import { parseInspection, releasesToRemove } from "./inspection.ts";
import { lockOrLeave } from "./lock.ts";
import { makeLive, type Switched } from "./make-live.ts";
import { type DeployResult, report } from "./result.ts";
import { migrationsOf, runPhase } from "./service-steps.ts";
import { checkDatabase } from "./snapshot.ts";
import { ensureRelease, type Uploaded } from "./upload.ts";

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
  let unconfirmed: string[] = [];
  const migrating = migrationsOf(document.service, pathsOf(artifact)).length > 0;
  try {
    if (journal !== undefined) {
      await recover(run, session, journal, inspection.live);
      inspection = { ...inspection, live: journal.back === "" ? undefined : journal.back };
      done = undo(id, journal.back);
    }
    unchanged = inspection.live === id && inspection.docroot === "ours";
    removed = releasesToRemove(inspection, id, document.service.keep);
    const [reason] = await run.steps.step("check", () =>
      refusals(run, inspection, artifact, () => changesOnHost(run, session, inspection, artifact)),
    );
    if (reason !== undefined) throw reason;
    if (!unchanged) {
      if (migrating && document.database) await checkDatabase(run, session, document.database);
      uploaded = await ensureRelease(run, session, inspection, artifact);
    }
    lock.check();
    const { env } = document;
    if (unchanged && document.health === undefined && journal === undefined) {
      await lock.stop();
      const note = { id, now: run.exactly(), owner: document.owner };
      const text = env === undefined ? undefined : renderEnv(env);
      const script = unchangedScript(run.layout, run.token, note, text, removed, keptSnapshots(run));
      await run.steps.step("finish", () => session.run("finishing", script));
      return report(run, { id, inspection, uploaded, switched, removed, lock, recovered: false, warnings: [] });
    }
    if (env !== undefined) {
      await run.steps.step("env", () => session.run("writing .env", envScript(run.layout, run.token, renderEnv(env))));
    }
    if (unchanged) {
      done = { ...done, next: "" };
      // A run that was killed after its switch may not have got as far as this.
      if (run.reset) await session.run("preparing the check", resetScript(run.layout, run.token, run.reset, id));
    } else switched = await makeLive(run, session, inspection, done, migrating);
    unconfirmed = await checkHealth(run, id);
    if (done.maintenance) switched.ran.push(...(await runPhase(run, session, "maintenance-off", id)));
    lock.check();
    await commit(run, session, id, document.owner);
  } catch (error) {
    await lock.stop();
    // Stuck already: what a run before this one had pending stays noted for the next.
    if (!hasCode(error, "plesk.stuck")) await putBack(run, session, done, error);
    throw error;
  }
  const warnings = [...unconfirmed, ...(await cleanUp(run, session, lock, removed))];
  return report(run, { id, inspection, uploaded, switched, removed, lock, recovered: journal !== undefined, warnings });
}
