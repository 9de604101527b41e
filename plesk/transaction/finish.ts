import { hasCode, SitefleetError } from "../../errors/index.ts";
import { ORIGINAL } from "../commands/layout.ts";
import { unlockScript } from "../commands/lock.ts";
import { type Commit, cleanUpScript, commitScript, settleScript } from "../commands/release.ts";
import { SAY } from "../commands/script.ts";
import type { Said, Session } from "../remote/session.ts";
import type { Run } from "./context.ts";
import type { HeldLock } from "./lock.ts";

/** Snapshots kept of a service whose document names no database (any more). */
const SNAPSHOTS_KEPT = 5;

/**
 * Asks the service over HTTP, when the document says how. The reset script of a service with PHP has to be in place.
 *
 * @returns what could not be found out, one sentence each.
 * @throws SitefleetError `plesk.unhealthy`
 */
export async function checkHealth(run: Run, release: string): Promise<string[]> {
  const { health } = run.document;
  if (health === undefined) return [];
  // The HTTP client is a third of what the driver would otherwise load.
  const { untilHealthy } = await import("./health.ts");
  // What the document root held before its conversion has no marker.
  const asked = release === ORIGINAL ? { ...health, release: false } : health;
  return run.steps.step("health", () => untilHealthy(asked, release, run.reset, run.signal));
}

/**
 * Notes that the run has succeeded; see `commitScript`. Not to be interrupted: it decides in one moment, and that moment must be known.
 *
 * @returns what went wrong after the decision, one sentence each; it is no reason to take a good release back.
 */
export async function commit(run: Run, connection: Session, noted: Omit<Commit, "now">): Promise<string[]> {
  const session = connection.withoutSignal();
  const note = { ...noted, now: run.exactly() };
  return run.steps.step("commit", async () => {
    try {
      await session.run("noting the success", commitScript(run.layout, run.token, note));
      return [];
    } catch (error) {
      try {
        await session.run("noting the success", settleScript(run.layout, run.token, note));
        return [];
      } catch (again) {
        // With a word of its own it says that nothing was decided, or that another run has the lock.
        if (!hasCode(again, "plesk.remote")) throw error;
        return [`noting the success failed after it was decided: ${reasonOf(error)}; the next run makes up for it`];
      }
    }
  });
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const details = error instanceof SitefleetError ? error.details : [];
  return [error.message, ...details.slice(-1)].join(": ");
};

/** What pruning did. */
export interface CleanedUp {
  /** Releases that are gone. */
  readonly removed: readonly string[];
  /** What went wrong, one sentence each; it is no reason to take a good release back. */
  readonly warnings: readonly string[];
}

/** Prunes and unlocks after a success. */
export async function cleanUp(
  run: Run,
  session: Session,
  lock: HeldLock,
  remove: readonly string[],
): Promise<CleanedUp> {
  // The lock's file must keep its name from here on: the script removes it.
  await lock.stop();
  try {
    const said = await run.steps.step("clean up", () =>
      session.run("cleaning up", cleanUpScript(run.layout, run.token, remove, keptSnapshots(run))),
    );
    return cleanedUp(said, run.layout.base);
  } catch (error) {
    await session
      .withoutSignal()
      .run("unlocking", unlockScript(run.layout, run.token))
      .catch(() => {});
    return { removed: [], warnings: [`cleaning up failed: ${reasonOf(error)}`] };
  }
}

/** Reads what `cleanUpBody` said. Pure. @param base Directory of the service. */
export function cleanedUp(said: Said, base: string): CleanedUp {
  const facts = (word: string): string[] =>
    said.filter((line) => line.startsWith(`${SAY}${word} `)).map((line) => line.slice(SAY.length + word.length + 1));
  return {
    removed: facts("removed"),
    warnings: facts("left").map((line) => {
      const [name = "", ...why] = line.split(" ");
      const reason = why.length === 0 ? "" : ` (${why.join(" ")})`;
      return `${name.slice(0, 12)} could not be deleted${reason}: it is out of use, every run tries again; look at ${base}/trash, ${base}/incoming and ${base}/snapshots`;
    }),
  };
}

/** Snapshots that a service keeps. */
export const keptSnapshots = (run: Run): number => run.document.database?.keep ?? SNAPSHOTS_KEPT;
