import { SitefleetError } from "../../errors/index.ts";
import type { ApiRequest, ApiResponse } from "../framework/index.ts";
import { ApiClient, ApiError, isNotFound } from "../framework/index.ts";
import { type Domain, readDomain } from "./domain.ts";
import { retryDelay } from "./retry.ts";
import { type Deployment, type Project, readDeployment, readProject } from "./shapes.ts";

/** For an answer's head, and each pause within it, ms. */
const TIMEOUT_MS = 30_000;
/** Deployments of one source that are looked at; more than a few exist only after many failed builds. */
const NEWEST = 20;
/** Where the real API is. */
const DEFAULT_URL = "https://api.vercel.com";

type Call = Pick<ApiRequest, "method" | "body" | "headers" | "signal"> & {
  readonly query?: Readonly<Record<string, string>>;
};

/** The part of Vercel's API that releases use. Every call has a time-out and bounded retries ({@link retryDelay}). */
export class VercelApi {
  readonly #client: ApiClient;
  readonly #team: string | undefined;

  private constructor(client: ApiClient, team: string | undefined) {
    this.#client = client;
    this.#team = team;
  }

  /**
   * @param options.url base URL. @default https://api.vercel.com
   * @param options.team slug or id; undefined = the token's personal account
   */
  static connect(options: { readonly url?: string; readonly token: string; readonly team?: string }): VercelApi {
    const client = new ApiClient({
      baseUrl: options.url === undefined || options.url === "" ? DEFAULT_URL : options.url,
      headers: { authorization: `Bearer ${options.token}`, "user-agent": "sitefleet" },
      timeoutMs: TIMEOUT_MS,
      proxy: true,
      retry: (attempt, outcome, request) => retryDelay(attempt, outcome, request, Date.now()),
    });
    return new VercelApi(client, options.team);
  }

  /** The same connection for another team; an absent one keeps this one's. */
  ofTeam(team: string | undefined): VercelApi {
    return team === undefined || team === "" ? this : new VercelApi(this.#client, team);
  }

  /** Production deployments of a project, newest first: of a commit, or with an entry of `meta`. */
  async deployments(
    projectId: string,
    of: { readonly sha: string } | { readonly meta: readonly [key: string, value: string] },
    signal?: AbortSignal,
  ): Promise<Deployment[]> {
    const [key, value] = "sha" in of ? ["sha", of.sha] : [`meta-${of.meta[0]}`, of.meta[1]];
    const query = { projectId, target: "production", limit: String(NEWEST), [key]: value };
    const answer = await this.#json("/v6/deployments", { method: "GET", query, signal });
    const list = (answer as { deployments?: unknown }).deployments;
    const found = (Array.isArray(list) ? list : []).map(readDeployment);
    return found.sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Creates a deployment. Not repeated after an error that leaves open whether it was made. */
  async createDeployment(body: Readonly<Record<string, unknown>>): Promise<Deployment> {
    // Vercel shall not ask whether the detected framework is right: there is no person to answer.
    const query = { skipAutoDetectionConfirmation: "1", forceNew: "1" };
    return readDeployment(await this.#json("/v13/deployments", { method: "POST", body, query }));
  }

  /** One deployment; undefined when there is none (any more). */
  async deployment(id: string, signal?: AbortSignal): Promise<Deployment | undefined> {
    const found = await this.#find(`/v13/deployments/${part(id)}`, signal);
    return found === undefined ? undefined : readDeployment(found);
  }

  /** A project; undefined when there is none. */
  async project(id: string, signal?: AbortSignal): Promise<Project | undefined> {
    const found = await this.#find(`/v9/projects/${part(id)}`, signal);
    return found === undefined ? undefined : readProject(found);
  }

  /** Points all production hosts of a project at a deployment. `conflict`: it is live already, or another change is under way. */
  async promote(projectId: string, deploymentId: string): Promise<"accepted" | "conflict"> {
    const path = `/v10/projects/${part(projectId)}/promote/${part(deploymentId)}`;
    const answer = await this.#call(path, { method: "POST", body: {} });
    if (answer.status === 409) return "conflict";
    if (answer.status >= 300) throw refusal(answer, "POST", path);
    return "accepted";
  }

  /** New production deployments of a project wait for their promotion; nothing else of the project changes. */
  async holdHosts(projectId: string): Promise<void> {
    await this.#json(`/v9/projects/${part(projectId)}`, { method: "PATCH", body: { autoAssignCustomDomains: false } });
  }

  /** What a host points at; undefined when it points at nothing. */
  async aliasTarget(host: string, signal?: AbortSignal): Promise<string | undefined> {
    const found = (await this.#find(`/v4/aliases/${part(host)}`, signal)) as { deploymentId?: unknown } | undefined;
    return typeof found?.deploymentId === "string" ? found.deploymentId : undefined;
  }

  /** Hosts that the project's last promotion has not moved, at most 100. */
  async unmoved(projectId: string): Promise<string[]> {
    const path = `/v1/projects/${part(projectId)}/promote/aliases`;
    const answer = (await this.#json(path, { method: "GET", query: { limit: "100" } })) as {
      // https://github.com/vercel/sdk: models/operations, ListPromoteAliasesResponseBody2
      aliases?: readonly { readonly status?: string; readonly alias?: unknown }[];
    };
    return (answer.aliases ?? []).flatMap(({ status, alias }) =>
      status === "completed" || typeof alias !== "string" ? [] : [alias],
    );
  }

  /** A domain of a project; undefined when it has none of that name. */
  async domain(projectId: string, name: string, signal?: AbortSignal): Promise<Domain | undefined> {
    const found = await this.#find(`/v9/projects/${part(projectId)}/domains/${part(name)}`, signal);
    return found === undefined ? undefined : readDomain(found);
  }

  /** Has Vercel look for the record that it asked for; the domain as it is then. */
  async verifyDomain(projectId: string, name: string, signal?: AbortSignal): Promise<Domain | undefined> {
    // 400 says that the record is not there (yet): the domain itself has what is asked for.
    await this.#call(`/v9/projects/${part(projectId)}/domains/${part(name)}/verify`, {
      method: "POST",
      body: {},
      signal,
    });
    return this.domain(projectId, name, signal);
  }

  /** Uploads the content of one file. */
  async upload(sha1: string, content: Uint8Array): Promise<void> {
    const headers = { "x-vercel-digest": sha1, "content-type": "application/octet-stream" };
    await this.#json("/v2/files", { method: "POST", body: content, headers });
  }

  /** Makes a secret with which automation passes the project's deployment protection. */
  async createBypass(projectId: string): Promise<string | undefined> {
    const path = `/v1/projects/${part(projectId)}/protection-bypass`;
    const answer = (await this.#json(path, { method: "PATCH", body: { generate: {} } })) as Record<string, unknown>;
    return readProject({ protectionBypass: answer.protectionBypass }).bypass[0];
  }

  async #find(path: string, signal?: AbortSignal): Promise<unknown> {
    try {
      return await this.#json(path, { method: "GET", signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #json(path: string, call: Call): Promise<unknown> {
    const answer = await this.#call(path, call);
    if (answer.status >= 300) throw refusal(answer, call.method, path);
    return answer.body ?? {};
  }

  async #call(path: string, { query, ...call }: Call): Promise<ApiResponse> {
    const parameters = new URLSearchParams(query);
    if (this.#team !== undefined) parameters.set(this.#team.startsWith("team_") ? "teamId" : "slug", this.#team);
    const search = parameters.toString();
    try {
      return await this.#client.call({ ...call, path: search === "" ? path : `${path}?${search}` });
    } catch (cause) {
      call.signal?.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new SitefleetError({ code: "vercel.unreachable", message: `Vercel does not answer: ${why}`, cause });
    }
  }
}

const part = (text: string): string => encodeURIComponent(text);

/** Whether a failed call may have been carried out all the same. Pure. */
export function isAmbiguous(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500;
  return error instanceof SitefleetError && error.code === "vercel.unreachable";
}

function refusal({ status, body }: ApiResponse, method: string, path: string): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  const apiCode = typeof error?.code === "string" ? error.code : "";
  const text = typeof error?.message === "string" ? error.message : "";
  const said = [apiCode, text].filter((item) => item !== "").join(": ");
  return new ApiError({
    status,
    apiCode,
    message: `Vercel answers ${method} ${path} with ${status}${said === "" ? "" : ` (${said})`}`,
    body,
  });
}
