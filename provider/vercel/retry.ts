import type { ApiRequest, ApiResponse } from "../framework/index.ts";
import { retryAfter } from "../framework/retry-after.ts";

/** Tries after the first one. */
const RETRIES = 5;
/** First wait, ms; doubled each time. */
const FIRST_MS = 300;
/** Longest wait that an answer may ask for, ms; Vercel's own limits reset within the hour, a run should not hang on one. */
const LONGEST_MS = 310_000;

/** What came of a try. */
export interface Outcome {
  readonly response?: ApiResponse;
  readonly error?: unknown;
}

/**
 * How long to wait before a call is tried again, in ms; undefined: not again. A refusal for too many calls (429) was not
 * carried out, so it is always tried again and Retry-After is kept. After an error of the server or the network the
 * creation of a deployment may have happened: it is not repeated here, the caller looks first. Pure.
 *
 * @param attempt counts from 1
 */
export function retryDelay(attempt: number, outcome: Outcome, request: ApiRequest, now: number): number | undefined {
  if (attempt > RETRIES) return undefined;
  const backoff = FIRST_MS * 2 ** (attempt - 1);
  const { response } = outcome;
  if (response?.status === 429) {
    const asked = retryAfter(response.headers["retry-after"], now);
    return asked === undefined ? Math.max(1000, backoff) : asked <= LONGEST_MS ? asked : undefined;
  }
  if (response !== undefined && response.status < 500) return undefined;
  return makesDeployment(request) ? undefined : backoff;
}

/** Whether a call, done twice, would build twice. Pure. */
export function makesDeployment({ method, path }: ApiRequest): boolean {
  return method === "POST" && /^\/v\d+\/deployments(\?|$)/.test(path);
}
