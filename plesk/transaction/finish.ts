import { unlockScript } from "../commands/lock.ts";
import { cleanUpScript, commitScript } from "../commands/release.ts";
import { ORIGINAL } from "../commands/switch.ts";
import type { Session } from "../remote/session.ts";
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

/** Notes that the run has succeeded; see `commitScript`. */
export function commit(run: Run, session: Session, id: string, owner?: string): Promise<unknown> {
  const note = { id, now: run.exactly(), ...(owner === undefined ? {} : { owner }) };
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

/** Snapshots that a service keeps. */
export const keptSnapshots = (run: Run): number => run.document.database?.keep ?? SNAPSHOTS_KEPT;
