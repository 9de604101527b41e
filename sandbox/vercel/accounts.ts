import type { Hono, MiddlewareHandler } from "hono";
import { type Api, type Env, json, param, route, wrongScope } from "./api.ts";
import { ApiError, notFound } from "./errors.ts";
import type { AccountRecord } from "./records.ts";
import type { Sealer } from "./secrets.ts";

/** Checks the token and finds out on whose behalf a call is made (`teamId` or `slug` of the query, else the user). */
export function authenticate(
  api: Api,
  tokens: ReadonlySet<string> | undefined,
  sealers: (token: string) => Sealer,
): MiddlewareHandler<Env> {
  return async (call, next) => {
    const token = /^Bearer\s+(\S+)$/i.exec(call.req.header("authorization") ?? "")?.[1];
    if (token === undefined) {
      throw new ApiError(401, "forbidden", "The request is missing an authentication token", { missingToken: true });
    }
    if (tokens?.has(token) === false) throw new ApiError(403, "forbidden", "Not authorized", { invalidToken: true });
    const wanted = call.req.query("teamId") || call.req.query("slug");
    const team = wanted === undefined || wanted === "" ? null : findTeam(api, wanted);
    if (team === undefined) throw wrongScope(wanted ?? "");
    call.set("scope", { owner: team ?? api.user, team, sealer: sealers(token) });
    await next();
  };
}

/** A team by id or slug. */
function findTeam(api: Api, idOrSlug: string): AccountRecord | undefined {
  const byId = api.store.teams.get(idOrSlug);
  if (byId !== undefined) return byId;
  for (const team of api.store.teams.values()) if (team.slug === idOrSlug) return team;
  return undefined;
}

/** The token's user and the teams. */
export function accountRoutes(app: Hono<Env>, api: Api): void {
  route(app, "get", [2], "/user", (call) => {
    const { id, slug, name } = api.user;
    const first = api.store.teams.keys().next().value ?? null;
    const user = {
      id,
      uid: id,
      username: slug,
      name,
      email: `${slug}@example.com`,
      defaultTeamId: first,
      version: "northstar",
    };
    return json(call, { user });
  });
  route(app, "get", [5], "/user/tokens/current", (call) =>
    json(call, {
      token: {
        id: "token",
        name: "sandbox",
        type: "token",
        origin: "manual",
        scopes: [],
        createdAt: 0,
        activeAt: api.now(),
      },
    }),
  );
  route(app, "get", [2], "/teams", (call) => {
    const teams = [...api.store.teams.values()].map(formatTeam);
    return json(call, { teams, pagination: { count: teams.length, next: null, prev: null } });
  });
  route(app, "get", [1, 2], "/teams/:team", (call) => {
    const team = findTeam(api, param(call, "team"));
    if (team === undefined) throw notFound("Team");
    return json(call, formatTeam(team));
  });
}

function formatTeam(team: AccountRecord): Record<string, unknown> {
  return {
    id: team.id,
    slug: team.slug,
    name: team.name,
    avatar: null,
    description: null,
    createdAt: 0,
    membership: { confirmed: true, role: "OWNER" },
    billing: { plan: "pro" },
    sensitiveEnvironmentVariablePolicy: null,
    emailDomain: null,
    saml: null,
    inviteCode: null,
    previewDeploymentSuffix: null,
    remoteCaching: { enabled: true },
    enablePreviewFeedback: null,
    enableProductionFeedback: null,
    hideIpAddresses: false,
  };
}
