import { STATUS_CODES } from "node:http";
import type { ApiRequest, ApiResponse } from "../framework/index.ts";
import { ApiClient, ApiError, isObject } from "../framework/index.ts";

// How cloudflare-go v6.10, the client inside the real provider, retries: internal/requestconfig/requestconfig.go.
const MAX_RETRIES = 2;
const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 409, 429]);
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;
const MAX_OBEYED_RETRY_AFTER_MS = 60_000;

/** Where the API is and who asks. */
export interface CloudflareClientOptions {
  /** Base URL with the version path, e.g. `https://api.cloudflare.com/client/v4`. */
  readonly baseUrl: string;
  /** Bearer token. @default none: the API refuses */
  readonly apiToken?: string;
}

/** Calls the Cloudflare API with the retries of the real provider's client. */
export class CloudflareClient {
  readonly #api: ApiClient;

  constructor(options: CloudflareClientOptions) {
    this.#api = new ApiClient({
      baseUrl: options.baseUrl,
      headers: {
        "user-agent": "terraform-provider-cloudflare/5.19.1 (stand-in)",
        ...(options.apiToken === undefined ? {} : { authorization: `Bearer ${options.apiToken}` }),
      },
      retry: (attempt, { response }) => retryDelay(attempt, response, Math.random),
    });
  }

  /**
   * One call, tried at most three times.
   *
   * @param path after the base URL, e.g. `/zones/abc/dns_records`
   * @param signal ends the waiting between tries
   * @returns the envelope's `result`
   * @throws ApiError when the API says no; Error when it does not answer
   */
  async call(method: ApiRequest["method"], path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    const response = await this.#api.call({ method, path, signal, ...(body === undefined ? {} : { body }) });
    if (response.status >= 200 && response.status < 300) {
      return isObject(response.body) && "result" in response.body ? response.body.result : response.body;
    }
    throw refusal(method, this.#api.options.baseUrl + path, response);
  }

  /** Deletes; unlike the framework, the real provider does not take 404 for done, so it is no ApiError here. */
  async delete(path: string, signal: AbortSignal): Promise<void> {
    await this.call("DELETE", path, signal).catch((error: unknown) => {
      throw error instanceof ApiError ? new Error(error.message) : error;
    });
  }
}

/**
 * Milliseconds before the next try, or undefined to give up: what `Retry-After` asks when it is under a minute, else
 * 0.5 s doubled each time, at most 8 s, less up to a quarter of jitter.
 *
 * @param attempt the one that just ended, from 1
 * @param response undefined when there was no answer
 */
export function retryDelay(
  attempt: number,
  response: ApiResponse | undefined,
  random: () => number,
): number | undefined {
  if (attempt > MAX_RETRIES || (response !== undefined && !retryable(response))) return undefined;
  const asked = retryAfter(response);
  if (asked !== undefined && asked >= 0 && asked < MAX_OBEYED_RETRY_AFTER_MS) return asked;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
  return delay - random() * (delay / 4);
}

function retryable(response: ApiResponse): boolean {
  const wish = response.headers["x-should-retry"];
  if (wish === "true" || wish === "false") return wish === "true";
  return RETRIED_STATUSES.has(response.status) || response.status >= 500;
}

function retryAfter(response: ApiResponse | undefined): number | undefined {
  const exact = Number(response?.headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(exact)) return exact;
  const value = response?.headers["retry-after"];
  if (typeof value !== "string" || value === "") return undefined;
  if (Number.isFinite(Number(value))) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : date - Date.now();
}

function refusal(method: string, url: string, { status, body }: ApiResponse): ApiError {
  const first = isObject(body) && Array.isArray(body.errors) ? (body.errors[0] as unknown) : undefined;
  const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
  return new ApiError({
    status,
    apiCode: isObject(first) ? String(first.code ?? "") : "",
    message: `failed to make http request: ${method} "${url}": ${status} ${STATUS_CODES[status] ?? ""} ${text}`,
    body,
  });
}
