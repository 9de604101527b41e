import { hasCode, SitefleetError } from "../../errors/index.ts";
import type { Artifact } from "../artifact/index.ts";
import { unlockScript } from "../commands/lock.ts";
import { envScript, finishScript } from "../commands/release.ts";
import { SAY } from "../commands/script.ts";
import { backScript, switchScript } from "../commands/switch.ts";
import { renderEnv } from "../env-file.ts";
import { EXIT } from "../exit-codes.ts";
import type { DeployDocument } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { changesOnHost } from "./changes.ts";
import { connect, openArtifact, type Run, type RunOptions, startRun } from "./context.ts";
import { tooManyDeletions } from "./guards.ts";
import { type Inspection, parseInspection, releasesToRemove } from "./inspection.ts";
import { type HeldLock, takeLock } from "./lock.ts";
import { ensureRelease, type Uploaded } from "./upload.ts";

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
  /** Releases deleted. */
  readonly removed: readonly string[];
  /** Variables in `shared/.env`; null when it was left alone. */
  readonly env: number | null;
  /** Holder of an expired lock that was taken over. */
  readonly tookOver: string | null;
  /** Milliseconds a step. */
  readonly steps: Readonly<Record<string, number>>;
}

function refuse(run: Run, code: string, message: string, hint: string): SitefleetError {
  return new SitefleetError({ code, subject: run.document.service.key, message, hint, exitCode: EXIT.refused });
}

/** Everything that stops a deployment before anything is changed. Pure but for listing a foreign document root. */
export async function assertAllowed(
  run: Run,
  session: Session,
  inspection: Inspection,
  artifact: Artifact,
): Promise<void> {
  const { allow, service } = run.document;
  if (inspection.docroot === "foreign-link" || inspection.docroot === "other") {
    throw new SitefleetError({
      code: "plesk.unfit",
      subject: service.key,
      message: `${service.path} is ${inspection.docroot === "other" ? "neither a directory nor a link" : "a link to something else"}`,
      hint: "make it a directory, or correct `path` in services.yaml",
      exitCode: EXIT.unfit,
    });
  }
  const release = inspection.releases.find(({ id }) => id === artifact.digest);
  if (release?.bad && !allow.includes("bad-release")) {
    throw refuse(
      run,
      "plesk.bad-release",
      `release ${artifact.digest.slice(0, 12)} failed before and was taken back`,
      "deploy another content, or lift the safeguard `bad-release` for this run",
    );
  }
  if (allow.includes("delete-share") || inspection.live === artifact.digest) return;
  const { changes, before } = await changesOnHost(run, session, inspection, artifact);
  const reason = tooManyDeletions(changes, before);
  if (reason !== undefined) {
    throw refuse(
      run,
      "plesk.delete-share",
      reason,
      "look at `plan`; lift the safeguard `delete-share` for this run when it is meant",
    );
  }
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

async function transaction(run: Run, session: Session, artifact: Artifact): Promise<DeployResult> {
  const { document, layout, steps, token } = run;
  const id = artifact.digest;
  let lock: HeldLock;
  try {
    lock = await steps.step("lock", () => takeLock(run, session, id));
  } catch (error) {
    // Interrupted or cut off, it may have been taken all the same. Not taken, this does nothing.
    if (!hasCode(error, "plesk.locked"))
      await attempt(() => session.withoutSignal().run("unlocking", unlockScript(layout, token)));
    throw error;
  }
  const inspection = parseInspection(lock.said, layout.docrootTarget);
  const unchanged = inspection.live === id && inspection.docroot === "ours";
  let uploaded: Uploaded = { files: 0, bytes: 0, reused: false };
  let switching = false;
  let converted = false;
  const removed = releasesToRemove(inspection, id, document.service.keep);
  try {
    await steps.step("check", () => assertAllowed(run, session, inspection, artifact));
    if (!unchanged) uploaded = await ensureRelease(run, session, inspection, artifact);
    lock.check();
    const { env } = document;
    if (env !== undefined)
      await steps.step("env", () => session.run("writing .env", envScript(layout, token, renderEnv(env))));
    if (!unchanged) {
      switching = true;
      const said = await steps.step("switch", () =>
        session.run("the switch", switchScript(layout, token, id, run.now())),
      );
      converted = said.some((line) => line.startsWith(`${SAY}converted`));
    }
    const { health } = document;
    if (health !== undefined) {
      // The HTTP client is a third of what the driver would otherwise load.
      const { untilHealthy } = await import("./health.ts");
      await steps.step("health", () => untilHealthy(health, id, run.signal));
    }
    // From here on the lock's file must keep its name: the next script removes it.
    await lock.stop();
    lock.check();
    const end = { id, now: run.now(), owner: document.owner, remove: removed };
    await steps.step("finish", () => session.run("finishing", finishScript(layout, token, end)));
  } catch (error) {
    await lock.stop();
    await putBack(run, session, inspection, id, switching, error);
    throw error;
  }
  return {
    action: "deploy",
    service: document.service.key,
    release: id,
    before: inspection.live ?? (converted ? "original" : null),
    outcome: unchanged ? "unchanged" : uploaded.reused ? "switched" : "released",
    converted,
    sent: { files: uploaded.files, bytes: uploaded.bytes },
    removed,
    env: document.env === undefined ? null : Object.keys(document.env).length,
    tookOver: lock.tookOver ?? null,
    steps: steps.times,
  };
}

async function attempt(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * After a failure: the release and the environment before, the lock given back.
 *
 * @throws SitefleetError `plesk.stuck` when the switch may have happened and could not be taken back.
 */
async function putBack(
  run: Run,
  session: Session,
  before: Inspection,
  id: string,
  switching: boolean,
  cause: unknown,
): Promise<void> {
  const { layout, token } = run;
  // A document root that was converted in this run is a release now, and that is what to go back to.
  const to =
    before.live === id ? (before.previous ?? "") : (before.live ?? (before.docroot === "dir" ? "original" : ""));
  const unhealthy = hasCode(cause, "plesk.unhealthy");
  const unchanged = before.live === id;
  const script = backScript(layout, token, {
    // What was live before this run stays live: an unchanged release that is not healthy has nothing better to make room for.
    failed: unchanged ? "none" : id,
    to,
    now: run.now(),
    reason: run.steps.failed ?? "unknown",
    markBad: unhealthy && !unchanged,
  });
  const failure = await attempt(() =>
    run.steps.step("back", () => session.withoutSignal().run("putting back", script)),
  );
  if (failure === undefined || !switching) return;
  throw new SitefleetError({
    code: "plesk.stuck",
    subject: run.document.service.key,
    message: `${run.steps.failed} failed, and putting the previous release back failed too`,
    details: [cause, failure].map((error) => (error instanceof Error ? error.message : String(error))),
    hint: `look at ${layout.base}/current on the host; deploying again repairs what can be repaired`,
    exitCode: EXIT.stuck,
    cause,
  });
}
