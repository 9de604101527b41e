import type { ApiRequest, ApiResponse } from "../framework/index.ts";
import { ApiClient, ApiError } from "../framework/index.ts";

/** Tries after the first one, and the longest wait that is accepted; client/request.go. */
const RETRIES = 3;
const LONGEST_WAIT_S = 300;

/** A team as far as the provider looks at it. */
export interface Team {
  readonly id: string;
  readonly slug: string;
  readonly sensitiveEnvironmentVariablePolicy?: string | null;
}

type Call = Omit<ApiRequest, "path"> & { readonly query?: Record<string, string> };

/** The Vercel API as the provider calls it: bearer token, `teamId` on every call, 429 tried again, nothing else. */
export class VercelClient {
  readonly #api: ApiClient;
  readonly team: Team | undefined;

  constructor(api: ApiClient, team?: Team) {
    this.#api = api;
    this.team = team;
  }

  /** A client with the real provider's retry rule. `baseUrl` without trailing slash. */
  static connect(baseUrl: string, token: string): VercelClient {
    return new VercelClient(
      new ApiClient({
        baseUrl,
        headers: { authorization: `Bearer ${token}`, "user-agent": "terraform-provider-vercel/5.4.1" },
        timeoutMs: 300_000,
        retry: (attempt, { response }) => (response === undefined ? undefined : retryDelay(attempt, response)),
      }),
    );
  }

  /** The same connection with a default team. */
  withTeam(team: Team): VercelClient {
    return new VercelClient(this.#api, team);
  }

  /** The team that a call goes to: the resource's own, else the provider's; undefined for the personal account. */
  teamId(own: unknown): string | undefined {
    return typeof own === "string" && own !== "" ? own : this.team?.id;
  }

  /** Looks a team up by slug or id. Rejects with {@link ApiError} (404 when there is none). */
  async getTeam(idOrSlug: string, signal?: AbortSignal): Promise<Team> {
    return this.call<Team>(`/v2/teams/${encodeURIComponent(idOrSlug)}`, undefined, {
      method: "GET",
      ...(signal && { signal }),
    });
  }

  /**
   * Makes a call and gives its JSON back. Rejects with {@link ApiError} for every status from 300 on.
   *
   * @param team the resource's own `teamId`; the provider's is used when it has none
   */
  async call<T>(path: string, team: unknown, call: Call): Promise<T> {
    const { query, ...rest } = call;
    const parameters = new URLSearchParams(query);
    const teamId = this.teamId(team);
    if (teamId !== undefined && !path.startsWith("/v2/teams/")) parameters.set("teamId", teamId);
    const search = parameters.toString();
    const response = await this.#api.call({ ...rest, path: search === "" ? path : `${path}?${search}` });
    if (response.status >= 300) throw toError(response);
    return response.body as T;
  }

  /** Asks one of the hosts that validate inputs; over the same base, named by a header. Gives whatever came back. */
  validation(host: string): Promise<ApiResponse> {
    return this.#api.call({ method: "GET", path: "/", headers: { "x-forwarded-host": host } });
  }
}

/** The wait before the next try of a 429 in milliseconds. Other answers are never tried again. */
export function retryDelay(attempt: number, response: ApiResponse): number | undefined {
  if (response.status !== 429 || attempt > RETRIES) return undefined;
  const given = Number.parseInt(String(response.headers["retry-after"] ?? ""), 10);
  const seconds = Number.isFinite(given) && given > 0 ? given : 1;
  return seconds < LONGEST_WAIT_S ? seconds * 1000 : undefined;
}

function toError({ status, body }: ApiResponse): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  const apiCode = typeof error?.code === "string" ? error.code : "";
  const text = typeof error?.message === "string" ? error.message : "";
  const raw = typeof body === "string" ? body : JSON.stringify(body ?? "");
  const message =
    apiCode === "" && text === "" ? `error performing API request: ${status} ${raw}` : `${apiCode} - ${text}`;
  return new ApiError({ status, apiCode, message, body });
}

/** Puts the provider's own words before an API's error, and keeps its status: `summary: detail: code - message`. */
export async function explain<T>(summary: string, detail: string, run: Promise<T>): Promise<T> {
  try {
    return await run;
  } catch (error) {
    const text = `${summary}: ${detail}, unexpected error: ${error instanceof Error ? error.message : String(error)}`;
    if (!(error instanceof ApiError)) throw new Error(text, { cause: error });
    throw new ApiError({ status: error.status, apiCode: error.apiCode, message: text, body: error.body });
  }
}
