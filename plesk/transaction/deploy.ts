import { hasCode } from "../../errors/index.ts";
import type { Artifact } from "../artifact/index.ts";
import { ENV_CHANGED, envScript, unchangedScript } from "../commands/release.ts";
import { resetScript } from "../commands/reset.ts";
import { renderEnv } from "../env-file.ts";
import type { DeployDocument } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { adopt, adoptions } from "./adopt.ts";
import { journalOf, putBack, recovered, undo } from "./back.ts";
import { changesOnHost } from "./changes.ts";
import { pathsOf, refusals } from "./check.ts";
import { connect, openArtifact, type Run, type RunOptions, startRun } from "./context.ts";
import { checkHealth, cleanedUp, cleanUp, commit, keptSnapshots } from "./finish.ts";
import { parseInspection, releasesToRemove } from "./inspection.ts";
import { lockOrLeave } from "./lock.ts";
import { makeLive, type Switched } from "./make-live.ts";
import { type OtherDatabase, otherDatabase } from "./other-database.ts";
import { type DeployResult, report } from "./result.ts";
import { migrationsOf, runPhase, runStep, stepsOf } from "./service-steps.ts";
import { checkDatabase } from "./snapshot.ts";
import { backOf, isLive } from "./standing.ts";
import { ensureRelease, type Uploaded } from "./upload.ts";

/**
 * Deploys a service as one transaction. Safe to repeat: what is done is recognised and not done again.
 *
 * @throws SitefleetError; the codes and what each leaves behind are listed in docs/reference/services.md.
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

/** {@link deploy} over a connection that others use as well. */
export async function deployOn(
  document: DeployDocument,
  session: Session,
  options: RunOptions = {},
): Promise<DeployResult> {
  const run = startRun(document, options);
  return transaction(run, session, await run.steps.step("artifact", () => openArtifact(run)));
}

async function transaction(run: Run<DeployDocument>, session: Session, artifact: Artifact): Promise<DeployResult> {
  const { document } = run;
  const id = artifact.digest;
  const lock = await lockOrLeave(run, session, id);
  let inspection = parseInspection(lock.said, run.layout.docrootTarget);
  let done = undo(id, backOf(inspection));
  let uploaded: Uploaded | undefined;
  let switched: Switched = { converted: false, snapshot: null, ran: [] };
  const { journal } = inspection;
  let remove: string[] = [];
  let unchanged = false;
  const warnings: string[] = [];
  let other: OtherDatabase | undefined;
  let shared: string[] = [];
  let anew = false;
  const migrating = migrationsOf(document.service, pathsOf(artifact)).length > 0;
  try {
    if (journal !== undefined) {
      inspection = await recovered(run, session, inspection, id);
      done = undo(id, backOf(inspection));
    }
    const stays = isLive(inspection, id);
    other = otherDatabase(document, inspection);
    unchanged = stays && other === undefined;
    remove = releasesToRemove(inspection, id, document.service.keep);
    const [reason] = await run.steps.step("check", () =>
      refusals(run, inspection, artifact, () => changesOnHost(run, session, inspection, artifact)),
    );
    if (reason !== undefined) throw reason;
    if (inspection.live !== undefined && inspection.docroot !== "dir") {
      const entries = stays ? artifact.entries : (inspection.liveEntries ?? []);
      const found = adoptions(run.layout, inspection, entries, stays);
      await adopt(run, session, inspection.live, found);
      shared = found.map(({ path }) => path);
    }
    if (!unchanged) {
      if ((migrating || other) && document.database) await checkDatabase(run, session, document.database);
      // What is live is not made anew under its visitors: with another database only what follows is due.
      if (!stays) uploaded = await ensureRelease(run, session, inspection, artifact);
    }
    lock.check();
    const { env } = document;
    const restarts = stepsOf(document.service).filter((step) => step.restarts);
    if (unchanged && document.health === undefined && journal === undefined && restarts.length === 0) {
      await lock.stop();
      const note = { id, now: run.exactly(), owner: document.owner };
      const text = env === undefined ? undefined : renderEnv(env);
      const script = unchangedScript(run.layout, run.token, note, text, remove, keptSnapshots(run));
      const said = await run.steps.step("finish", () => session.run("finishing", script));
      const cleaned = cleanedUp(said, run.layout.base);
      return report(run, { id, inspection, uploaded, switched, shared, other, lock, recovered: false, ...cleaned });
    }
    if (unchanged) done = { ...done, next: "" };
    if (env !== undefined) {
      done.noted = true;
      const script = envScript(run.layout, run.token, renderEnv(env), journalOf(done));
      const said = await run.steps.step("env", () => session.run("writing .env", script));
      anew = unchanged && said.includes(ENV_CHANGED);
    }
    if (unchanged) {
      // What runs keeps the environment that it was started with; going back starts it again as well.
      done.switching = anew;
      for (const step of anew ? restarts : []) if (await runStep(run, session, id, step)) switched.ran.push(step.name);
      // A run that was killed after its switch may not have got as far as this.
      if (run.reset) await session.run("preparing the check", resetScript(run.layout, run.token, run.reset, id));
    } else switched = await makeLive(run, session, inspection, done, migrating);
    warnings.push(...(await checkHealth(run, id)));
    if (done.maintenance) switched.ran.push(...(await runPhase(run, session, "maintenance-off", id)));
    lock.check();
    const before = stays ? {} : { before: done.back };
    warnings.push(...(await commit(run, session, { id, owner: document.owner, ...before })));
  } catch (error) {
    await lock.stop();
    // Stuck already: what a run before this one had pending stays noted for the next.
    if (!hasCode(error, "plesk.stuck")) await putBack(run, session, done, error);
    throw error;
  }
  const { removed, warnings: left } = await cleanUp(run, session, lock, remove);
  warnings.push(...left);
  const outcome = { id, inspection, uploaded, switched, removed, shared, other, lock, warnings };
  return report(run, { ...outcome, recovered: journal !== undefined });
}
