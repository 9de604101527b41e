import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import { SitefleetError } from "../../errors/index.ts";
import { EXIT } from "../exit-codes.ts";
import type { Health } from "../input.ts";

/** Milliseconds between two questions. */
const PAUSE_MS = 250;
/** Milliseconds for one answer. */
const ANSWER_MS = 5_000;
/** Bytes of an answer that are read. */
const MAX_BODY = 4 * 1024;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A server that is asked at its address must show the certificate of the name it is asked for. */
function dispatcherFor(url: string, host: string | undefined): { dispatcher?: Agent } {
  if (host === undefined || !url.startsWith("https:")) return {};
  return { dispatcher: new Agent({ connect: { servername: host }, pipelining: 0 }) };
}

async function ask(url: string, host: string | undefined, signal: AbortSignal | undefined): Promise<Answer> {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const named = dispatcherFor(url, host);
  try {
    return await answerOf(url, host, signal ? AbortSignal.any([signal, timeout]) : timeout, named);
  } finally {
    await named.dispatcher?.destroy();
  }
}

async function answerOf(
  url: string,
  host: string | undefined,
  signal: AbortSignal,
  named: { dispatcher?: Agent },
): Promise<Answer> {
  const response = await request(url, {
    ...named,
    headers: { ...(host === undefined ? {} : { host }), "cache-control": "no-cache", "user-agent": "sitefleet" },
    signal,
  });
  let body = "";
  for await (const chunk of response.body) {
    body += String(chunk);
    if (body.length > MAX_BODY) break;
  }
  return { status: response.statusCode, body: body.slice(0, MAX_BODY) };
}

/** What is wrong with the service, or undefined. */
async function complaint(
  health: Health,
  release: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const page = await ask(health.url, health.host, signal);
    if (page.status !== health.status) return `answers ${page.status} instead of ${health.status}`;
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
 * @throws SitefleetError `plesk.unhealthy` with the last complaint.
 */
export async function untilHealthy(health: Health, release: string, signal?: AbortSignal): Promise<void> {
  const giveUp = Date.now() + health.withinSeconds * 1000;
  for (;;) {
    const wrong = await complaint(health, release, signal);
    if (wrong === undefined) return;
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
