import { SitefleetError } from "../../errors/index.ts";
import { unlockScript } from "../commands/lock.ts";
import { SAY } from "../commands/script.ts";
import { retireScript } from "../commands/switch.ts";
import { EXIT } from "../exit-codes.ts";
import type { DeployDocument } from "../input.ts";
import { connect, type RunOptions, startRun } from "./context.ts";
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
 * file or release is deleted, and `deploy` brings it back; a database never is. Does nothing unless the live release is the document's `artifact.digest` and was deployed by the same `owner`.
 *
 * @throws SitefleetError `plesk.input` without `artifact.digest`; `plesk.locked`; `plesk.ssh.*`.
 */
export async function retire(document: DeployDocument, options: RunOptions = {}): Promise<RetireResult> {
  const run = startRun(document, options);
  const { digest } = document.artifact;
  if (digest === undefined) {
    throw new SitefleetError({
      code: "plesk.input",
      message: "retire needs artifact.digest",
      hint: "only the release that the document names is taken out of service",
      exitCode: EXIT.input,
    });
  }
  const session = await connect(run);
  try {
    const lock = await lockOrLeave(run, session, digest);
    await lock.stop();
    try {
      const script = retireScript(
        run.layout,
        run.token,
        digest,
        document.owner,
        document.allow.includes("delete-files"),
      );
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
          fact("not-deleted") === null
            ? []
            : [`not all could be deleted in ${run.layout.base}: ${fact("not-deleted")}`],
        steps: run.steps.times,
      };
    } catch (error) {
      await session
        .withoutSignal()
        .run("unlocking", unlockScript(run.layout, run.token))
        .catch(() => {});
      throw error;
    }
  } finally {
    await session.close();
  }
}
