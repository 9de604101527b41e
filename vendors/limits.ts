import { retryAfter } from "../provider/framework/retry-after.ts";

/** An answer's headers, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An answer, as far as it speaks of limits. */
export interface LimitAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
}

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

/** The calls that count against one limit of limits.yaml. Only places: the numbers are data. */
interface Place {
  /** `<vendor>.<what>`, as in limits.yaml. */
  readonly id: string;
  /** @default all methods */
  readonly methods?: readonly string[];
  readonly path: RegExp;
}

/** A vendor's limits. */
export interface Limits {
  readonly places: readonly Place[];
  /** For a limit: the one that says how long the vendor refuses after it was passed. @default none */
  readonly blocks?: Readonly<Record<string, string>>;
  /** Limit of builds that run at the same time; each create or update of a release takes one. @default it builds nothing */
  readonly builds?: string;
  /**
   * Reads what an answer tells about limits, beside what {@link readAnswer} finds in it. Pure.
   * @default only that
   */
  read?(info: LimitInfo, answer: LimitAnswer): LimitInfo;
}

/** A header's text; of several the first. Pure. */
export const headerText = (headers: AnswerHeaders, name: string): string | undefined => [headers[name]].flat()[0];

/** A whole number in a header. Pure. */
export function headerNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

/**
 * What any vendor's answer tells about its limits: status 429, `Retry-After` and `x-ratelimit-*`. Pure.
 *
 * @param own what is particular to the vendor
 * @param now the machine's time, ms since 1970
 */
export function readAnswer(own: Limits["read"], answer: LimitAnswer, now: number): LimitInfo {
  const { status, headers } = answer;
  const number = (name: string) => headerNumber(headerText(headers, name));
  const reset = number("x-ratelimit-reset");
  const common: LimitInfo = {
    limited: status === 429,
    retryInMs: retryAfter(headerText(headers, "retry-after"), now),
    amount: number("x-ratelimit-limit"),
    remaining: number("x-ratelimit-remaining"),
    resetInMs: reset === undefined ? undefined : Math.max(0, reset * 1000 - now),
  };
  const info = own?.(common, answer) ?? common;
  const retryInMs = info.retryInMs ?? (info.limited ? info.resetInMs : undefined);
  return Object.fromEntries(
    Object.entries({ ...info, retryInMs }).filter(([, value]) => value !== undefined),
  ) as unknown as LimitInfo;
}
