import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import type { Reset } from "../commands/reset.ts";
import { EXIT } from "../exit-codes.ts";
import type { Health } from "../input.ts";
import { ask } from "./ask.ts";
import { CodeCheck } from "./code-check.ts";

/** Milliseconds between two questions. */
const PAUSE_MS = 250;

const shown = (id: string): string => (/^[0-9a-z]{1,64}$/.test(id) ? `release ${id.slice(0, 12)}` : "something else");

/** What is wrong with the service, or undefined. */
async function complaint(
  health: Health,
  release: string,
  code: CodeCheck | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    // First, since the page that counts is one that the new code makes.
    const stale = await code?.complaint(signal);
    if (stale !== undefined) return stale;
    const page = await ask(health.url, health.host, signal);
    if (page.status !== health.status) return `answers ${page.status} instead of ${health.status}`;
    if (code !== undefined && page.release !== undefined && page.release !== release) {
      return `says that it is ${shown(page.release)} instead of ${release.slice(0, 12)}`;
    }
    if (!health.release) return undefined;
    const marker = await ask(new URL("/.well-known/sitefleet-release", health.url).href, health.host, signal);
    const served = marker.body.trim();
    if (marker.status === 200 && served === release) return undefined;
    return `serves ${/^[0-9a-z]{1,64}$/.test(served) ? `release ${served.slice(0, 12)}` : `no release marker (${marker.status})`} instead of ${release.slice(0, 12)}`;
  } catch (error) {
    const code = (error as { code?: string }).code;
    return `does not answer (${code ?? (error as Error).name})`;
  }
}

/**
 * Waits until the service answers as it should, at most `withinSeconds`.
 *
 * @param reset Script of a service that runs PHP: the release is asked of PHP itself, and the code it keeps is reset.
 * @returns what could not be found out, one sentence each.
 * @throws SitefleetError `plesk.unhealthy` with the last complaint.
 */
export async function untilHealthy(
  health: Health,
  release: string,
  reset: Reset | undefined,
  signal?: AbortSignal,
): Promise<string[]> {
  const giveUp = Date.now() + health.withinSeconds * 1000;
  const code = reset === undefined ? undefined : new CodeCheck(health, reset, release);
  for (;;) {
    const wrong = await complaint(health, release, code, signal);
    if (wrong === undefined) return code?.unconfirmed ?? [];
    if (signal?.aborted) {
      throw new SitefleetError({
        code: "plesk.interrupted",
        message: "the health check was interrupted",
        exitCode: EXIT.interrupted,
      });
    }
    if (Date.now() >= giveUp) {
      throw new SitefleetError({
        code: "plesk.unhealthy",
        message: `${health.url} ${wrong}`,
        hint: "the previous release serves again; read the service's log before deploying anew",
        exitCode: EXIT.unhealthy,
      });
    }
    await sleep(PAUSE_MS);
  }
}
