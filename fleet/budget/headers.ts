import type { BudgetVendor } from "./spec.ts";

/** An answer's headers, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What an answer says about limits. Times in the machine's milliseconds from now. */
export interface LimitInfo {
  /** The call was refused because of a limit. */
  readonly limited: boolean;
  /** How long to wait, when the answer says so. */
  readonly retryInMs?: number;
  /** Amount of the window. */
  readonly amount?: number;
  readonly remaining?: number;
  /** Until the window starts anew. */
  readonly resetInMs?: number;
}

/**
 * Reads what a vendor tells about its limits: `Retry-After`, `x-ratelimit-*` (Vercel, GitHub) and `ratelimit`,
 * `ratelimit-policy` (Cloudflare). GitHub refuses with 403, not 429, and of a secondary limit only `Retry-After` tells. Pure.
 *
 * @param now the machine's time, ms since 1970
 */
export function readLimits(vendor: BudgetVendor, status: number, headers: AnswerHeaders, now: number): LimitInfo {
  const text = (name: string) => [headers[name]].flat()[0];
  const number = (value: string | undefined) =>
    value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  const retry = retryIn(text("retry-after"), now);
  let [amount, remaining] = [number(text("x-ratelimit-limit")), number(text("x-ratelimit-remaining"))];
  const reset = number(text("x-ratelimit-reset"));
  let resetInMs = reset === undefined ? undefined : Math.max(0, reset * 1000 - now);
  if (vendor === "cloudflare") {
    amount ??= number(/\bq=(\d+)/.exec(text("ratelimit-policy") ?? "")?.[1]);
    remaining ??= number(/\br=(\d+)/.exec(text("ratelimit") ?? "")?.[1]);
    const seconds = number(/\bt=(\d+)/.exec(text("ratelimit") ?? "")?.[1]);
    resetInMs ??= seconds === undefined ? undefined : seconds * 1000;
  }
  const limited = status === 429 || (vendor === "github" && status === 403 && (retry !== undefined || remaining === 0));
  const retryInMs = retry ?? (limited ? resetInMs : undefined);
  return {
    limited,
    ...(retryInMs === undefined ? {} : { retryInMs }),
    ...(amount === undefined ? {} : { amount }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetInMs === undefined ? {} : { resetInMs }),
  };
}

/** `Retry-After` in seconds or as a date. */
function retryIn(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
