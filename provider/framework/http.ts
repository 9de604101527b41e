import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, EnvHttpProxyAgent, Pool } from "undici";
import { proxies } from "../../environment/index.ts";

/** An API's answer. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed JSON body; the text when it is not JSON; undefined when empty. */
  readonly body: unknown;
}

/** One call. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** Absolute path with query, appended to the base URL. */
  readonly path: string;
  /** Sent as JSON when given; strings and buffers are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** How an {@link ApiClient} behaves. */
export interface ApiClientOptions {
  /** Without a trailing slash, e.g. `http://127.0.0.1:4001`. */
  readonly baseUrl: string;
  /** Sent with every call: authorization, user agent. */
  readonly headers: Readonly<Record<string, string>>;
  /** For an answer's head, and for each pause within its body, in milliseconds. @default 60000 */
  readonly timeoutMs?: number;
  /**
   * The wait before the next try in milliseconds, or undefined to give the answer back. `attempt` counts from 1.
   * Stands for the real provider's own retry rule. @default never tries again
   */
  readonly retry?: (
    attempt: number,
    outcome: { readonly response?: ApiResponse; readonly error?: unknown },
    request: ApiRequest,
  ) => number | undefined;
  /** Go through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. @default false */
  readonly proxy?: boolean;
}

// One pool for each origin, for all providers and engines of the process. Kept by origin, not by client: engines that
// configure anew would else leave connections behind.
const pools = new Map<string, Pool>();

function poolOf(origin: string): Pool {
  let pool = pools.get(origin);
  if (pool === undefined) {
    pool = new Pool(origin, { connections: 64, pipelining: 1, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 60_000 });
    pools.set(origin, pool);
  }
  return pool;
}

/** By what the environment says of proxies: two operations of one process may go through different ones. */
const agents = new Map<string, EnvHttpProxyAgent>();

/** Made only where a proxy is named: without one the plain pool costs less. */
function proxyAgent(): Dispatcher | undefined {
  const named = proxies();
  if (named.httpProxy === "" && named.httpsProxy === "") return undefined;
  const key = JSON.stringify(named);
  const agent = agents.get(key) ?? new EnvHttpProxyAgent({ ...named, connections: 64, keepAliveTimeout: 30_000 });
  agents.set(key, agent);
  return agent;
}

/** A small JSON client over kept connections. It gives every answer back, whatever its status. */
export class ApiClient {
  readonly options: ApiClientOptions;
  readonly #pool: Dispatcher;
  readonly #origin: string;
  /** The base URL's path, put before every call's. */
  readonly #prefix: string;

  constructor(options: ApiClientOptions) {
    this.options = { ...options, baseUrl: options.baseUrl.replace(/\/+$/, "") };
    const { origin, pathname } = new URL(this.options.baseUrl);
    this.#origin = origin;
    this.#pool = (options.proxy ? proxyAgent() : undefined) ?? poolOf(origin);
    this.#prefix = pathname === "/" ? "" : pathname;
  }

  /** Makes a call, again as often as the retry rule says. Rejects on connection errors and time-outs. */
  async call(call: ApiRequest): Promise<ApiResponse> {
    for (let attempt = 1; ; attempt++) {
      let response: ApiResponse | undefined;
      let error: unknown;
      try {
        response = await this.#once(call);
      } catch (cause) {
        error = cause;
      }
      const outcome = response === undefined ? { error } : { response };
      const wait = call.signal?.aborted ? undefined : this.options.retry?.(attempt, outcome, call);
      if (wait === undefined) {
        if (response !== undefined) return response;
        const text = error instanceof Error ? error.message || error.name : String(error);
        throw new Error(`error doing http request: ${call.method} ${this.options.baseUrl}${call.path}: ${text}`, {
          cause: error,
        });
      }
      await sleep(wait, undefined, call.signal === undefined ? {} : { signal: call.signal });
    }
  }

  async #once(call: ApiRequest): Promise<ApiResponse> {
    const raw = typeof call.body === "string" || call.body instanceof Uint8Array;
    const body = call.body === undefined ? null : raw ? (call.body as string | Uint8Array) : JSON.stringify(call.body);
    const headers: Record<string, string> = { ...this.options.headers, ...call.headers };
    if (body !== null && headers["content-type"] === undefined) headers["content-type"] = "application/json";
    const timeout = this.options.timeoutMs ?? 60_000;
    const response = await this.#pool.request({
      origin: this.#origin,
      path: this.#prefix + call.path,
      method: call.method,
      headers,
      body,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      // A write that is cut off leaves open whether it was carried out: it ends by itself.
      ...(call.signal && call.method === "GET" ? { signal: call.signal } : {}),
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, body: text === "" ? undefined : parse(text) };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
