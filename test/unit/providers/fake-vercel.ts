import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Json = Record<string, unknown>;

/** A call that arrived: method, path without team, and the parsed body. */
interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
}

/** The least of Vercel's API that the provider needs, in memory, with hooks for refusals. */
export interface FakeVercel {
  readonly url: string;
  readonly calls: Arrived[];
  readonly projects: Map<string, Json>;
  readonly variables: Map<string, Json[]>;
  readonly domains: Map<string, Json>;
  readonly deployments: Map<string, Json>;
  /** Answers instead of the API when it gives something back. */
  intercept:
    | ((call: Arrived) => { status: number; body?: unknown; headers?: Record<string, string> } | undefined)
    | undefined;
  stop(): Promise<void>;
}

async function read(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" || request.headers["content-type"] !== "application/json" ? undefined : (JSON.parse(text) as Json);
}

const PROJECT_DEFAULTS = {
  autoAssignCustomDomains: true,
  gitForkProtection: true,
  nodeVersion: "24.x",
  enablePreviewFeedback: null,
  ssoProtection: { deploymentType: "all_except_custom_domains" },
};

/** Starts the fake on a free port. */
export async function startFakeVercel(): Promise<FakeVercel> {
  let next = 0;
  const id = (prefix: string) => `${prefix}_${(++next).toString().padStart(6, "0")}`;
  const missing = { status: 404, body: { error: { code: "not_found", message: "Not found." } } };
  const state = {
    projects: new Map<string, Json>(),
    variables: new Map<string, Json[]>(),
    domains: new Map<string, Json>(),
    deployments: new Map<string, Json>(),
  };

  const link = (repository: Json): Json => {
    const [org, repo] = String(repository.repo).split("/");
    return { type: repository.type, org, repo, productionBranch: "main" };
  };
  const variable = (body: Json): Json => ({ id: id("env"), ...body });

  const routes: [string, RegExp, (match: string[], call: Arrived) => { status: number; body?: unknown }][] = [
    ["GET", /^\/$/, () => ({ status: 200, body: [{ slug: "astro" }, { slug: "nextjs" }] })],
    [
      "GET",
      /^\/v2\/teams\/(.+)$/,
      ([team]) => (team === "acme" ? { status: 200, body: { id: "team_acme", slug: "acme" } } : missing),
    ],
    [
      "POST",
      /^\/v8\/projects$/,
      (_match, { body = {} }) => {
        if ([...state.projects.values()].some((project) => project.name === body.name)) {
          return {
            status: 409,
            body: { error: { code: "conflict", message: `Project "${body.name}" already exists.` } },
          };
        }
        const { environmentVariables, gitRepository, ...rest } = body;
        const project = {
          ...PROJECT_DEFAULTS,
          ...rest,
          id: id("prj"),
          link: gitRepository ? link(gitRepository as Json) : null,
        };
        state.projects.set(project.id, project);
        state.variables.set(project.id, ((environmentVariables as Json[]) ?? []).map(variable));
        return { status: 200, body: project };
      },
    ],
    [
      "GET",
      /^\/v8\/projects\/([^/]+)\/env$/,
      ([project]) => ({
        status: 200,
        body: {
          envs: (state.variables.get(project!) ?? []).map((item) =>
            item.type === "sensitive" ? { ...item, value: "" } : item,
          ),
          pagination: { next: null },
        },
      }),
    ],
    [
      "DELETE",
      /^\/v8\/projects\/([^/]+)\/env\/(.+)$/,
      ([project, env]) => {
        state.variables.set(
          project!,
          (state.variables.get(project!) ?? []).filter((item) => item.id !== env),
        );
        return { status: 200, body: {} };
      },
    ],
    [
      "POST",
      /^\/v10\/projects\/([^/]+)\/env$/,
      ([project], { body }) => {
        const made = (Array.isArray(body) ? body : [body]).map((item) => variable(item as Json));
        state.variables.get(project!)!.push(...made);
        return { status: 201, body: { created: Array.isArray(body) ? made : made[0], failed: [] } };
      },
    ],
    [
      "GET",
      /^\/v10\/projects\/([^/]+)$/,
      ([key]) => {
        const found = state.projects.get(key!) ?? [...state.projects.values()].find((project) => project.name === key);
        return found ? { status: 200, body: found } : missing;
      },
    ],
    [
      "PATCH",
      /^\/v9\/projects\/([^/]+)$/,
      ([key], { body }) => {
        const project = Object.assign(state.projects.get(key!)!, body);
        return { status: 200, body: project };
      },
    ],
    ["DELETE", /^\/v8\/projects\/([^/]+)$/, ([key]) => (state.projects.delete(key!) ? { status: 204 } : missing)],
    [
      "POST",
      /^\/v10\/projects\/([^/]+)\/domains$/,
      ([project], { body = {} }) => {
        if (state.domains.has(String(body.name))) {
          return { status: 409, body: { error: { code: "domain_already_in_use", message: "already in use" } } };
        }
        const domain = { ...body, projectId: project, verified: true };
        state.domains.set(String(body.name), domain);
        return { status: 200, body: domain };
      },
    ],
    [
      "GET",
      /^\/v9\/projects\/([^/]+)\/domains\/(.+)$/,
      ([, name]) => {
        const found = state.domains.get(name!);
        return found ? { status: 200, body: found } : missing;
      },
    ],
    [
      "PATCH",
      /^\/v9\/projects\/([^/]+)\/domains\/(.+)$/,
      ([, name], { body }) => ({ status: 200, body: Object.assign(state.domains.get(name!)!, body) }),
    ],
    [
      "DELETE",
      /^\/v9\/projects\/([^/]+)\/domains\/(.+)$/,
      ([, name]) => (state.domains.delete(name!) ? { status: 200, body: {} } : missing),
    ],
    [
      "POST",
      /^\/v12\/now\/deployments$/,
      (_match, { body = {} }) => {
        const made = {
          id: id("dpl"),
          url: `${body.project}-${next}.vercel.app`,
          projectId: body.project,
          readyState: "BUILDING",
          target: body.target ?? null,
          alias: [`${body.project}.vercel.app`],
          aliasAssigned: false,
          gitSource: body.gitSource ?? {},
          meta: body.meta ?? {},
          looks: 0,
        };
        state.deployments.set(made.id, made);
        return { status: 200, body: made };
      },
    ],
    [
      "GET",
      /^\/v13\/deployments\/(.+)$/,
      ([key]) => {
        const found = state.deployments.get(key!);
        if (!found) return missing;
        if (found.readyState === "BUILDING") Object.assign(found, { readyState: "READY", aliasAssigned: true });
        return { status: 200, body: found };
      },
    ],
    [
      "DELETE",
      /^\/v13\/deployments\/(.+)$/,
      ([key]) => (state.deployments.delete(key!) ? { status: 200, body: {} } : missing),
    ],
    [
      "POST",
      /^\/v2\/deployments\/(.+)\/aliases$/,
      ([,], { body = {} }) => ({ status: 200, body: { uid: `als_${body.alias}`, alias: body.alias } }),
    ],
  ];

  const fake: FakeVercel = { url: "", calls: [], ...state, intercept: undefined, stop: async () => {} };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://fake");
    const call: Arrived = {
      method: request.method!,
      path: url.pathname,
      query: url.searchParams,
      body: await read(request),
    };
    fake.calls.push(call);
    const route = routes.find(([method, pattern]) => method === call.method && pattern.test(call.path));
    const answer = fake.intercept?.(call) ?? route?.[2](route[1].exec(call.path)!.slice(1), call) ?? missing;
    response.writeHead(answer.status, {
      "content-type": "application/json",
      ...("headers" in answer ? (answer.headers as Record<string, string>) : {}),
    });
    response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
