import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "./context.ts";

/** Milliseconds for all attempts: whether it worked is the health check's to find out. */
const PATIENCE_MS = 3_000;
/** Milliseconds between two attempts. */
const PAUSE_MS = 200;

/**
 * Has PHP forget the code and paths that it keeps, right after a switch. That serves the time until the health check, which resets again
 * and judges. It is also done after a rollback without a health check. The script has to be in place; see `placeResetBody`. Never throws.
 *
 * @param release Live release.
 */
export async function resetCode(run: Run, release: string): Promise<void> {
  const { health } = run.document;
  const { reset } = run;
  if (health === undefined || reset === undefined) return;
  const { CodeCheck } = await import("./code-check.ts");
  const check = new CodeCheck(health, reset, release);
  await run.steps.step("cache reset", async () => {
    // Not the run's signal: after an interruption, too, what is live again has to answer.
    const enough = AbortSignal.timeout(PATIENCE_MS);
    while (!enough.aborted) {
      const wrong = await check.complaint(enough).catch(() => "no answer");
      if (wrong === undefined) return;
      await sleep(PAUSE_MS);
    }
  });
}
