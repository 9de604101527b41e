import type { LimitState } from "./limits.ts";
import type { VendorName } from "./names.ts";

/** What a fault rule asks for. `retryAfter` in seconds. */
export interface FaultAnswer {
  readonly status: number;
  readonly retryAfter?: number | undefined;
  readonly code?: string | number | undefined;
  readonly message?: string | undefined;
}

const secondsUntil = (at: number, now: number): number => Math.max(1, Math.ceil((at - now) / 1000));
const epoch = (at: number): string => String(Math.ceil(at / 1000));

/** An error in the vendor's own shape, for a fault that was ordered. */
export function refuseForFault(vendor: VendorName, path: string, fault: FaultAnswer): Response {
  const headers: Record<string, string> = {};
  if (fault.retryAfter !== undefined) headers["retry-after"] = String(fault.retryAfter);
  const message = fault.message ?? STATUS_TEXT[fault.status] ?? `Error ${fault.status}`;
  const { body, text } = errorBody(vendor, path, fault, message);
  if (text !== undefined) return new Response(text, { status: fault.status, headers });
  return Response.json(body, { status: fault.status, headers });
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Vercel's codes by status, as in its REST API error reference. */
const VERCEL_CODES: Readonly<Record<number, string>> = {
  400: "bad_request",
  401: "forbidden",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "rate_limited",
  500: "internal_server_error",
};

function errorBody(
  vendor: VendorName,
  path: string,
  fault: FaultAnswer,
  message: string,
): { body?: unknown; text?: string } {
  switch (vendor) {
    case "vercel":
      return {
        body: { error: { code: fault.code ?? VERCEL_CODES[fault.status] ?? "internal_server_error", message } },
      };
    case "cloudflare":
      return {
        body: {
          success: false,
          errors: [{ code: fault.code ?? 10000 + fault.status, message }],
          messages: [],
          result: null,
        },
      };
    case "github":
      return { body: { message, documentation_url: "https://docs.github.com/rest", status: String(fault.status) } };
    case "chat":
      if (isDiscord(path)) return { body: { message, code: fault.code ?? 0 } };
      if (path.startsWith("/api/")) return { body: { ok: false, error: fault.code ?? "internal_error" } };
      return { text: String(fault.code ?? message) };
    case "host":
      // A stand-in on the SSH host reads this: its exit code, then what it says.
      return { text: `${typeof fault.code === "number" ? fault.code : 1} ${message}\n` };
  }
}

const isDiscord = (path: string): boolean => /^\/api(\/v\d+)?\/webhooks\//.test(path);

/** Headers with which the vendor tells, on every answer, what is left. */
export function limitHeaders(vendor: VendorName, state: LimitState, now: number): Record<string, string> {
  const { rule, remaining, resetAt } = state;
  const amount = String(Math.floor(rule.amount));
  switch (vendor) {
    case "vercel":
      return {
        "x-ratelimit-limit": amount,
        "x-ratelimit-remaining": String(remaining),
        "x-ratelimit-reset": epoch(resetAt),
      };
    case "github":
      // Secondary limits are never announced.
      if (rule.kind === "secondary") return {};
      return {
        "x-ratelimit-limit": amount,
        "x-ratelimit-remaining": String(remaining),
        "x-ratelimit-used": String(Math.max(0, Math.floor(rule.amount) - remaining)),
        "x-ratelimit-reset": epoch(resetAt),
        "x-ratelimit-resource": "core",
      };
    case "cloudflare":
      return {
        ratelimit: `"default";r=${remaining};t=${secondsUntil(resetAt, now)}`,
        "ratelimit-policy": `"default";q=${amount};w=${rule.per}`,
      };
    case "chat":
    case "host":
      return {};
  }
}

/** The vendor's own answer to a call over the limit. */
export function refuseForLimit(vendor: VendorName, path: string, state: LimitState, now: number): Response {
  const wait = secondsUntil(state.retryAt, now);
  const retry = { "retry-after": String(wait) };
  const headers = { ...(state.rule.announce ? limitHeaders(vendor, { ...state, remaining: 0 }, now) : {}), ...retry };
  const amount = Math.floor(state.rule.amount);
  switch (vendor) {
    case "vercel": {
      const limit = {
        remaining: 0,
        reset: Number(epoch(state.retryAt)),
        resetMs: Math.ceil(state.retryAt),
        total: amount,
      };
      const message = `Too many requests - try again in ${wait} seconds (more than ${amount}, code: "${state.rule.id}").`;
      return Response.json({ error: { code: "rate_limited", message, limit } }, { status: 429, headers });
    }
    case "cloudflare": {
      const message = `More than ${amount} requests per ${state.rule.per} seconds reached. Please wait and consider throttling your request speed`;
      const body = { success: false, errors: [{ code: 10100, message }], messages: [], result: null };
      return Response.json(body, { status: 429, headers });
    }
    case "github":
      return refuseGithub(state, headers);
    case "chat":
      return refuseChat(path, wait, headers);
    case "host":
      return new Response(`75 too many at a time, try again in ${wait} seconds\n`, { status: 429, headers });
  }
}

function refuseGithub(state: LimitState, headers: Record<string, string>): Response {
  if (state.rule.kind === "secondary") {
    const body = {
      documentation_url:
        "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
      message:
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.",
    };
    return Response.json(body, { status: 403, headers });
  }
  // A primary limit has no Retry-After: clients are to read x-ratelimit-reset.
  const { "retry-after": _, ...rest } = headers;
  const body = {
    message: "API rate limit exceeded for user ID 1.",
    documentation_url: "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    status: "403",
  };
  const reset = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": epoch(state.retryAt) };
  return Response.json(body, { status: 403, headers: { ...rest, ...reset } });
}

function refuseChat(path: string, wait: number, headers: Record<string, string>): Response {
  if (isDiscord(path)) {
    const body = { message: "You are being rate limited.", retry_after: wait, global: false };
    return Response.json(body, { status: 429, headers: { ...headers, "x-ratelimit-scope": "user" } });
  }
  if (path.startsWith("/api/")) return Response.json({ ok: false, error: "ratelimited" }, { status: 429, headers });
  return new Response("rate_limited", { status: 429, headers });
}
