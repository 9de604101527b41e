import { SitefleetError } from "../../errors/index.ts";
import { unlockScript } from "../commands/lock.ts";
import { SAY } from "../commands/script.ts";
import { retireScript } from "../commands/switch.ts";
import { EXIT } from "../exit-codes.ts";
import type { DeployDocument } from "../input.ts";
import type { Session } from "../remote/session.ts";
import { recovered } from "./back.ts";
import { connect, type Run, type RunOptions, startRun } from "./context.ts";
import { parseInspection } from "./inspection.ts";
import { lockOrLeave } from "./lock.ts";

/** What taking a service out of service did. */
export interface RetireResult {
  readonly action: "retire";
  readonly service: string;
  /** Release that is no longer live; null when nothing was done. */
  readonly retired: string | null;
  /** Why nothing was done: `nothing-live`, `other-release <id>`, `other-owner`. */
  readonly left: string | null;
  /** Releases and shared files were deleted, as `delete-files` allows; snapshots and the database never are. */
  readonly deleted: boolean;
  /** What could not be deleted, one sentence each; what is left of a release counts as none any more. */
  readonly warnings: readonly string[];
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * Takes a service out of service: the document root's link leads nowhere any more. Without the lifted safeguard `delete-files` no
 * file or release is deleted, and `deploy` brings it back; a database never is. Does nothing unless the live release is the document's
 * `artifact.digest` and was deployed by the same `owner`; of the same owner what a run has pending that was cut off is put back, or
 * finished, before that.
 *
 * @throws SitefleetError `plesk.input` without `artifact.digest`; `plesk.locked`; `plesk.stuck`, after which the service is as it was;
 * `plesk.ssh.*`.
 */
export async function retire(document: DeployDocument, options: RunOptions = {}): Promise<RetireResult> {
  const run = startRun(document, options);
  const digest = digestOf(document);
  const session = await connect(run);
  try {
    return await retireWith(run, digest, session);
  } finally {
    await session.close();
  }
}

/** {@link retire} over a connection that others use as well. */
export async function retireOn(
  document: DeployDocument,
  session: Session,
  options: RunOptions = {},
): Promise<RetireResult> {
  const run = startRun(document, options);
  return retireWith(run, digestOf(document), session);
}

function digestOf({ artifact: { digest } }: DeployDocument): string {
  if (digest !== undefined) return digest;
  throw new SitefleetError({
    code: "plesk.input",
    message: "retire needs artifact.digest",
    hint: "only the release that the document names is taken out of service",
    exitCode: EXIT.input,
  });
}

async function retireWith(run: Run<DeployDocument>, digest: string, session: Session): Promise<RetireResult> {
  const { document, layout, token } = run;
  const lock = await lockOrLeave(run, session, digest);
  try {
    const inspection = parseInspection(lock.said, layout.docrootTarget);
    // What a run left that was cut off is ended first: its release is not what was deployed, and going back needs the releases. Who
    // declares a service that was never deployed to its end is not known; going back from that leaves nothing live.
    const mine = inspection.owner === undefined || inspection.owner === document.owner;
    if (mine) await recovered(run, session, inspection, digest);
    lock.check();
    // The lock's file must keep its name from here on: the script removes it.
    await lock.stop();
    const script = retireScript(layout, token, digest, document.owner, document.allow.includes("delete-files"));
    const said = await run.steps.step("retire", () => session.run("taking out of service", script));
    const fact = (word: string): string | null =>
      said.find((line) => line.startsWith(`${SAY}${word} `))?.slice(SAY.length + word.length + 1) ?? null;
    return {
      action: "retire",
      service: document.service.key,
      retired: fact("retired"),
      left: fact("left"),
      deleted: fact("deleted") !== null,
      warnings:
        fact("not-deleted") === null ? [] : [`not all could be deleted in ${layout.base}: ${fact("not-deleted")}`],
      steps: run.steps.times,
    };
  } catch (error) {
    await lock.stop();
    await session
      .withoutSignal()
      .run("unlocking", unlockScript(layout, token))
      .catch(() => {});
    throw error;
  }
}
