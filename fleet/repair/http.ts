import type { IRetryBackoffContext } from "cockatiel";
import type { EnvHttpProxyAgent } from "undici";
import { proxies } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { reasonOf } from "../../errors/reason.ts";
import { retryAfter } from "../../provider/framework/retry-after.ts";
import type { ReadClient, ReadOptions } from "../../vendors/live.ts";

/** Longest wait for one answer, ms. */
const TIMEOUT_MS = 20_000;
/** Tries after the first. */
const RETRIES = 5;
/** First pause, ms; doubled each time. */
const FIRST_PAUSE_MS = 300;
/** Longest pause that a vendor's Retry-After may ask for, ms; Cloudflare's block of five minutes is the longest known. */
const LONGEST_PAUSE_MS = 310_000;

/** A refusal worth another try; `pauseMs` is what the vendor asked for. */
class Again extends Error {
  readonly pauseMs: number | undefined;
  constructor(message: string, pauseMs?: number) {
    super(message);
    this.pauseMs = pauseMs;
  }
}

// Not the ApiClient of provider/framework: that one stands for the vendors' own Go clients, keeps one pool an origin and follows no
// redirect. A question here follows them (a renamed repository answers 301) and has one limit of time for all of an answer.
/** Reads from a vendor's API: nothing here ever writes. */
export class ReadApi implements ReadClient {
  readonly #options: ReadOptions;
  readonly #firstPauseMs: number;
  #agent: EnvHttpProxyAgent | undefined;

  /** @param firstPauseMs first pause between tries, ms. @default 300 */
  constructor(options: ReadOptions, firstPauseMs: number = FIRST_PAUSE_MS) {
    this.#options = options;
    this.#firstPauseMs = firstPauseMs;
  }

  /**
   * The JSON of one address; undefined when there is nothing (404).
   *
   * @throws SitefleetError `repair.vendor` when the vendor refuses or does not answer
   */
  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { vendor, baseUrl, token, tokenName } = this.#options;
    const failed = (message: string, hint: string, cause?: unknown) =>
      new SitefleetError({ code: "repair.vendor", message: `${vendor} ${message}`, subject: path, hint, cause });
    if (token === undefined || token === "")
      throw failed(`cannot be asked: ${tokenName} is not set`, `set ${tokenName}`);
    const search = new URLSearchParams({ ...this.#options.query, ...query }).toString();
    const url = `${baseUrl}${path}${search === "" ? "" : `?${search}`}`;
    try {
      return await (await policy(this.#firstPauseMs)).execute(() => this.#once(url, token, failed));
    } catch (error) {
      if (!(error instanceof Again)) throw error;
      throw failed(`does not answer: ${error.message}`, "run the repair again; nothing was changed", error);
    }
  }

  async #once(url: string, token: string, failed: (message: string, hint: string) => Error): Promise<unknown> {
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    this.#agent ??= new EnvHttpProxyAgent(proxies());
    let status: number;
    let text: string;
    let pauseMs: number | undefined;
    try {
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "sitefleet" },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        dispatcher: this.#agent,
      });
      status = response.status;
      text = await response.text();
      pauseMs = askedPause(response.headers.get("retry-after"), Date.now());
    } catch (error) {
      const cause = reasonOf(error);
      throw new Again(cause instanceof Error ? cause.message || cause.name : String(cause));
    }
    if (status === 404) return undefined;
    if (status === 429 || status >= 500 || (status === 403 && pauseMs !== undefined)) {
      throw new Again(`status ${status}`, pauseMs);
    }
    if (status === 401 || status === 403) {
      throw failed(`refuses the token (status ${status})`, `check ${this.#options.tokenName} and its rights`);
    }
    if (status >= 400) throw failed(`refuses the question (status ${status})`, "report this: the question is wrong");
    try {
      return JSON.parse(text);
    } catch {
      throw new Again("the answer is no JSON");
    }
  }
}

// Loaded with the first question: most commands ask no vendor, and the two libraries are a sixth of their CPU time.
async function policy(firstPauseMs: number) {
  const { DelegateBackoff, handleWhen, retry } = await import("cockatiel");
  const backoff = new DelegateBackoff((context: IRetryBackoffContext<unknown>) => {
    const error = "error" in context.result ? context.result.error : undefined;
    const asked = error instanceof Again ? error.pauseMs : undefined;
    return asked ?? firstPauseMs * 2 ** (context.attempt - 1);
  });
  return retry(
    handleWhen((error) => error instanceof Again),
    { maxAttempts: RETRIES, backoff },
  );
}

/** The pause that a Retry-After header asks for, ms from `now`, at most {@link LONGEST_PAUSE_MS}; undefined when there is none. Pure. */
export function askedPause(value: string | null, now: number): number | undefined {
  const ms = retryAfter(value, now);
  return ms === undefined ? undefined : Math.min(LONGEST_PAUSE_MS, ms);
}
