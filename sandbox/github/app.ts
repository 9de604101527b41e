import { type Context, Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { alertRoutes } from "./alerts.ts";
import { commitRoutes } from "./commits.ts";
import { deploymentRoutes } from "./deployments.ts";
import { environmentOf, environmentRoutes } from "./environments.ts";
import { issueRoutes } from "./issues.ts";
import { showOrganization, showUser } from "./people.ts";
import { pullRoutes, reviewNode } from "./pulls.ts";
import { bodyOf, errorBody, GithubError, notFound, timeOf } from "./reply.ts";
import { repositoryRoutes, showRepository } from "./repositories.ts";
import type { SecretBox } from "./sealed.ts";
import type { Environment, GithubState, Repository } from "./state.ts";
import { secretRoutes, type VaultParts, variableRoutes } from "./vault.ts";
import { workflowRoutes } from "./workflows.ts";

/** Calls that GitHub answers without a token. */
const OPEN = new Set(["/meta", "/zen", "/rate_limit"]);

/** GitHub's REST API without prefix; {@link createGithub} puts it at `/` and at `/api/v3`. */
export function createApp(get: () => GithubState, box: () => SecretBox, context: VendorContext): Hono {
  const app = new Hono();
  const seed = context.options.github ?? {};
  const repositoryOf = (owner: string, name: string): Repository => {
    const repository = get().repositories.get(`${owner}/${name}`.toLowerCase());
    if (repository === undefined) throw notFound();
    return repository;
  };
  app.onError((error, c) => {
    if (error instanceof GithubError) return c.json(errorBody(error), error.status);
    throw error;
  });
  app.notFound((c) => c.json(errorBody(notFound()), 404));
  app.use("*", async (c, next) => {
    authenticate(c, seed.tokens);
    await next();
    c.header("x-github-media-type", "github.v3; format=json");
  });

  app.get("/meta", (c) => c.json({ verifiable_password_authentication: true, installed_version: "3.17.0" }));
  app.get("/zen", (c) => c.text("Keep it logically awesome."));
  app.get("/rate_limit", () => {
    // What an Enterprise server without limits says. The sandbox's limits are rules in front of it and tell in headers.
    throw new GithubError(404, "Rate limiting is not enabled.");
  });
  app.get("/user", (c) => c.json({ ...showUser(get().login), name: get().login, email: null }));
  app.get("/users/:login", (c) => {
    const login = c.req.param("login").toLowerCase();
    if (get().organizations.has(login)) return c.json(showOrganization(login));
    return c.json(showUser(c.req.param("login")));
  });
  app.get("/orgs/:org", (c) => {
    if (!get().organizations.has(c.req.param("org").toLowerCase())) throw notFound();
    return c.json(showOrganization(c.req.param("org")));
  });
  app.post("/graphql", (c) => answerGraphql(c, get()));

  const parts = (scope: VaultParts["scope"]): VaultParts => ({
    scope,
    box,
    seed,
    now: () => timeOf(context.now()),
    changed: () => context.changed(),
    arrived: async (place, name, value) => {
      // Secrets of a whole repository belong to no environment.
      if ("wait_timer" in place) await context.secretArrived?.((place as Environment).name, name, value);
    },
  });
  const byId = parts((param) => {
    const repository = get().byId.get(Number(param("id")));
    if (repository === undefined) throw notFound();
    return environmentOf(repository, param("environment"));
  });
  const byName = parts((param) => environmentOf(repositoryOf(param("owner"), param("repo")), param("environment")));
  const wholeRepository = parts((param) => repositoryOf(param("owner"), param("repo")));
  // The provider calls secrets by the repository's number; GitHub's documentation of today names it.
  app.route("/repositories/:id/environments/:environment/secrets", secretRoutes(byId));
  app.route("/repositories/:id/environments/:environment/variables", variableRoutes(byId));
  app.route("/repos/:owner/:repo/environments/:environment/secrets", secretRoutes(byName));
  app.route("/repos/:owner/:repo/environments/:environment/variables", variableRoutes(byName));
  app.route("/repos/:owner/:repo/actions/secrets", secretRoutes(wholeRepository));
  app.route("/repos/:owner/:repo/actions/variables", variableRoutes(wholeRepository));
  app.route("/repos/:owner/:repo/environments", environmentRoutes(get, repositoryOf, context));
  app.route("/repos/:owner/:repo/issues", issueRoutes(get, repositoryOf, context));
  app.route("/repos/:owner/:repo/deployments", deploymentRoutes(get, repositoryOf, context));
  app.route("/repos/:owner/:repo", alertRoutes(repositoryOf));
  app.route("/repos/:owner/:repo", commitRoutes(get, repositoryOf, context));
  app.route("/repos/:owner/:repo", workflowRoutes(get, repositoryOf, context));
  app.route("/repos/:owner/:repo", pullRoutes(get, repositoryOf, context));
  app.route("/repos/:owner/:repo", repositoryRoutes(get, repositoryOf));
  app.get("/repositories/:id", (c) => {
    const repository = get().byId.get(Number(c.req.param("id")));
    if (repository === undefined) throw notFound();
    return c.json(showRepository(get(), repository));
  });
  return app;
}

/** None of the resources in use needs GraphQL, and one question about reviews does; another is refused in GraphQL's own form. */
export async function answerGraphql(c: Context, state: GithubState): Promise<Response> {
  const { query, variables } = await bodyOf(c.req.raw).catch((): Record<string, unknown> => ({}));
  const id = String((variables as { id?: unknown } | undefined)?.id);
  const node = reviewNode(state, String(query), id);
  if (node) return c.json(node);
  const message = "The sandbox serves REST only.";
  return c.json({ data: null, errors: [{ type: "NOT_IMPLEMENTED", message }] });
}

function authenticate(c: Context, tokens: readonly string[] | undefined): void {
  const header = c.req.header("authorization");
  if (header === undefined) {
    if (OPEN.has(c.req.path.replace(/^\/api\/v3/, ""))) return;
    throw new GithubError(401, "Requires authentication");
  }
  const token = /^(?:Bearer|token) (\S+)$/i.exec(header)?.[1];
  if (token === undefined || (tokens !== undefined && !tokens.includes(token))) {
    throw new GithubError(401, "Bad credentials");
  }
}
