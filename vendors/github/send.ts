import type { EnvHttpProxyAgent } from "undici";
import { proxies } from "../../environment/index.ts";
import { retryAfter } from "../../provider/framework/retry-after.ts";

/** An answer. `pause`: how long it asks to wait, ms; undefined where it does not say. */
interface Sent {
  readonly status: number;
  readonly text: string;
  readonly pause: number | undefined;
}

/** One call, without trying again. */
export type Send = (url: string, method: "GET" | "POST" | "PATCH", body?: string) => Promise<Sent>;

/**
 * Calls GitHub's API.
 *
 * @param over ends all calls; undefined: each has an end of its own alone
 * @param callMs for one answer
 */
export function sender(
  env: Readonly<Record<string, string | undefined>>,
  token: string,
  over: AbortSignal | undefined,
  callMs: number,
): Send {
  let dispatcher: EnvHttpProxyAgent | undefined;
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "sitefleet",
    "content-type": "application/json",
  };
  return async (url, method, body) => {
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    dispatcher ??= new EnvHttpProxyAgent({ ...proxies(env), keepAliveTimeout: 1000, keepAliveMaxTimeout: 1000 });
    const signal = AbortSignal.any([...(over ? [over] : []), AbortSignal.timeout(callMs)]);
    // No redirect is followed: what another repository's people have said is no answer.
    const response = await fetch(url, { method, body: body ?? null, headers, redirect: "manual", dispatcher, signal });
    const text = await response.text();
    const { status, headers: said } = response;
    // Of its primary limit GitHub tells by another header, also with 403.
    const used = status === 403 && said.get("x-ratelimit-remaining") === "0";
    return { status: used ? 429 : status, text, pause: retryAfter(said.get("retry-after"), Date.now()) };
  };
}
