import { setTimeout as sleep } from "node:timers/promises";
import type { Response } from "undici";
import { proxies } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { retryAfter } from "../../provider/framework/retry-after.ts";
import { API_URL } from "./api.ts";
import { scopeOf } from "./team.ts";

/** Tries, and the first pause between them, ms; doubled each time. */
const TRIES = 5;
const PAUSE_MS = 500;
/** Longest pause that a Retry-After may ask for, ms. */
const LONGEST_PAUSE_MS = 120_000;

/** See `Billing.charges`: https://vercel.com/docs/rest-api/billing/list-focus-billing-charges */
export async function* charges(
  { from, to }: { readonly from: string; readonly to: string },
  env: NodeJS.ProcessEnv,
  team?: string,
): AsyncGenerator<Uint8Array> {
  const query = new URLSearchParams({ from, to, ...scopeOf(team) });
  const { body } = await ask(`${env.VERCEL_API_URL || API_URL}/v1/billing/charges?${query}`, env);
  try {
    for await (const chunk of body ?? []) yield chunk as Uint8Array;
  } catch (cause) {
    throw failed(`broke off: ${cause instanceof Error ? cause.message : String(cause)}`, "run it again", cause);
  }
}

/** The answer's head, after as many tries as it takes. */
async function ask(url: string, env: NodeJS.ProcessEnv): Promise<Response> {
  const { VERCEL_API_TOKEN: token } = env;
  if (!token)
    throw failed("cannot be asked: VERCEL_API_TOKEN is not set", "set VERCEL_API_TOKEN to a token of the team");
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent(proxies(env));
  let said = "";
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    let pause = PAUSE_MS * 2 ** attempt;
    try {
      const headers = { authorization: `Bearer ${token}`, accept: "application/jsonl", "user-agent": "sitefleet" };
      const response = await fetch(url, { headers, dispatcher });
      const { status } = response;
      if (status === 200) return response;
      await response.body?.cancel();
      said = `status ${status}`;
      if (status !== 429 && status < 500) break;
      pause = Math.min(LONGEST_PAUSE_MS, retryAfter(response.headers.get("retry-after"), Date.now()) ?? pause);
    } catch (error) {
      said = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    }
    if (attempt < TRIES - 1) await sleep(pause);
  }
  const hint = /40[13]/.test(said)
    ? "the token must be one of the team with the role Owner, Member, Developer, Security or Billing; a project's token is refused"
    : "run it again later; what is kept stays";
  throw failed(`does not send charges: ${said}`, hint);
}

const failed = (message: string, hint: string, cause?: unknown) =>
  new SitefleetError({
    code: "cost.charges",
    message: `Vercel ${message}`,
    subject: "/v1/billing/charges",
    hint,
    cause,
  });
