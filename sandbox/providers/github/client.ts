import type { ApiRequest, ApiResponse } from "../framework/index.ts";
import { ApiClient, ApiError, isObject } from "../framework/index.ts";
import type { Pace } from "./pace.ts";
import { PacedQueue } from "./pace.ts";

/** What {@link GithubClient} needs to know. */
export interface GithubClientOptions {
  /** As the user gives it; a host that is not GitHub's own means Enterprise, whose API is under `/api/v3`. */
  readonly baseUrl: string;
  readonly token?: string;
  readonly pace: Pace;
  /** Tries after the first for {@link retryableErrors}. */
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  /** Statuses that are tried again. */
  readonly retryableErrors: ReadonlySet<number>;
}

/** Calls the GitHub REST API at the pace and with the retries of the real provider's (legacy, default) client. */
export class GithubClient {
  /** Whose repositories are meant; set by {@link GithubClient.connect}. */
  owner = "";
  readonly #api: ApiClient;
  readonly #queue: PacedQueue;

  private constructor(options: GithubClientOptions) {
    this.#queue = new PacedQueue(options.pace);
    this.#api = new ApiClient({
      baseUrl: restUrl(options.baseUrl),
      headers: {
        accept: "application/vnd.github+json",
        "user-agent": "terraform-provider-github/6.13.0 (stand-in)",
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      },
      retry: (attempt, { response }) => {
        const limited = response === undefined ? undefined : rateLimitWait(response, Date.now());
        if (limited !== undefined) return limited;
        const again = response === undefined || options.retryableErrors.has(response.status);
        return again && attempt <= options.maxRetries ? options.retryDelayMs : undefined;
      },
    });
  }

  /** Makes a client and finds out the owner, as the real provider does when it is configured. */
  static async connect(options: GithubClientOptions, owner: string | undefined): Promise<GithubClient> {
    const client = new GithubClient(options);
    client.owner = owner ?? "";
    if (client.owner === "" && options.token !== undefined) {
      const user = await client.get("/user");
      client.owner = isObject(user) ? String(user.login) : "";
    } else if (client.owner !== "") {
      // Only tells organisations from users. A failure does no harm.
      await client.get(`/orgs/${encodeURIComponent(client.owner)}`).catch(() => undefined);
    }
    return client;
  }

  /** @returns the body. @throws ApiError when the API says no */
  get(path: string): Promise<unknown> {
    return this.send("GET", path);
  }

  /** One call in its turn. @throws ApiError when the API says no */
  async send(method: ApiRequest["method"], path: string, body?: unknown): Promise<unknown> {
    const call = { method, path, ...(body === undefined ? {} : { body }) };
    const response = await this.#queue.run(method, () => this.#api.call(call));
    if (response.status >= 200 && response.status < 300) return response.body;
    throw refusal(method, this.#api.options.baseUrl + path, response);
  }
}

/** `https://api.github.com` stays, `https://github.com` becomes it, `http://127.0.0.1:1/` becomes `http://127.0.0.1:1/api/v3`. */
export function restUrl(baseUrl: string): string {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, "");
  if (url.hostname === "github.com" || url.hostname === "api.github.com") return "https://api.github.com";
  if (/^api\.[a-z0-9-]+\.ghe\.com$/i.test(url.hostname)) return url.origin;
  if (/\.ghe\.com$/i.test(url.hostname)) return `${url.protocol}//api.${url.host}`;
  return `${url.origin}${path.replace(/\/api\/v3$/, "")}/api/v3`;
}

/**
 * Milliseconds to wait when the answer is a primary or secondary rate limit, which the real provider waits out as often
 * as it takes; undefined for every other answer.
 */
export function rateLimitWait({ status, headers, body }: ApiResponse, now: number): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN) * 1000;
  if (headers["x-ratelimit-remaining"] === "0" && Number.isFinite(reset)) return Math.max(0, reset - now);
  const link = isObject(body) ? String(body.documentation_url ?? "") : "";
  if (!link.endsWith("#abuse-rate-limits") && !link.endsWith("secondary-rate-limits")) return undefined;
  const asked = Number(headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(asked) ? asked * 1000 : 0;
}

// The text of go-github's ErrorResponse.
function refusal(method: string, url: string, { status, body }: ApiResponse): ApiError {
  const message = isObject(body) ? String(body.message ?? "") : "";
  const errors = isObject(body) && Array.isArray(body.errors) ? body.errors : [];
  return new ApiError({
    status,
    apiCode: isObject(errors[0]) ? String(errors[0].code ?? "") : "",
    message: `${method} ${url}: ${status} ${message} ${JSON.stringify(errors)}`,
    body,
  });
}
