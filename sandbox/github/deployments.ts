import { Hono } from "hono";
import type { VendorContext } from "../core/index.ts";
import { showUser } from "./people.ts";
import {
  bodyOf,
  commitOf,
  describedIn,
  GithubError,
  invalid,
  notFound,
  paginate,
  repositoryIn,
  timeOf,
} from "./reply.ts";
import { type Deployment, type GithubState, nodeId, type Repository } from "./state.ts";

/** States of a deployment (docs.github.com/rest/deployments/statuses). */
const STATES = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"];

/** Routes below `/repos/:owner/:repo/deployments`: docs.github.com/rest/deployments. */
export function deploymentRoutes(
  get: () => GithubState,
  repositoryOf: (owner: string, name: string) => Repository,
  context: VendorContext,
): Hono {
  const app = new Hono();
  const repository = repositoryIn(repositoryOf);
  const now = (): string => timeOf(context.now());

  app.get("/", (c) => {
    const repo = repository(c);
    const wants = (["sha", "ref", "task", "environment"] as const).map((name) => [name, c.req.query(name)] as const);
    const found = repo.deployments.filter((one) =>
      wants.every(([name, value]) => value === undefined || value === "none" || one[name] === value),
    );
    return c.json(paginate(c, found.toReversed()).map((one) => show(repo, one)));
  });

  app.post("/", async (c) => {
    const repo = repository(c);
    const body = await bodyOf(c.req.raw);
    const { ref, task = "deploy", payload = {}, environment = "production" } = body;
    if (typeof ref !== "string" || ref === "") throw invalid("Deployment", "ref", "missing_field");
    if (!/^[\w./-]+$/.test(ref)) throw new GithubError(422, `No ref found for: ${ref}`);
    const at = now();
    const made: Deployment = {
      id: get().nextId++,
      sha: commitOf(repo, ref),
      ref,
      task: String(task),
      payload,
      environment: String(environment),
      description: describedIn("Deployment", body.description),
      creator: get().login,
      created_at: at,
      updated_at: at,
      statuses: [],
    };
    repo.deployments.push(made);
    context.changed();
    return c.json(show(repo, made), 201);
  });

  app.get("/:id", (c) => {
    const repo = repository(c);
    return c.json(show(repo, deploymentOf(repo, c.req.param("id"))));
  });

  app.get("/:id/statuses", (c) => {
    const repo = repository(c);
    const of = deploymentOf(repo, c.req.param("id"));
    return c.json(paginate(c, of.statuses.toReversed()).map((one) => showStatus(repo, of, one)));
  });

  app.post("/:id/statuses", async (c) => {
    const repo = repository(c);
    const of = deploymentOf(repo, c.req.param("id"));
    const body = await bodyOf(c.req.raw);
    const { state, log_url = "" } = body;
    if (typeof state !== "string" || !STATES.includes(state)) throw invalid("DeploymentStatus", "state", "invalid");
    const at = now();
    const description = describedIn("DeploymentStatus", body.description) ?? "";
    const made = {
      id: get().nextId++,
      state,
      description,
      log_url: String(log_url),
      creator: get().login,
      created_at: at,
    };
    of.statuses.push(made);
    of.updated_at = at;
    context.changed();
    return c.json(showStatus(repo, of, made), 201);
  });

  return app;
}

function deploymentOf(repo: Repository, id: string): Deployment {
  const found = repo.deployments.find((one) => String(one.id) === id);
  if (found === undefined) throw notFound();
  return found;
}

const urlOf = (repo: Repository, { id }: Pick<Deployment, "id">): string =>
  `https://api.github.com/repos/${repo.owner}/${repo.name}/deployments/${id}`;

function show(repo: Repository, { statuses: _, creator, ...fields }: Deployment): Record<string, unknown> {
  return {
    ...fields,
    node_id: nodeId("Deployment", fields.id),
    url: urlOf(repo, fields),
    statuses_url: `${urlOf(repo, fields)}/statuses`,
    creator: showUser(creator),
    original_environment: fields.environment,
    transient_environment: false,
    production_environment: fields.environment === "production",
  };
}

function showStatus(repo: Repository, of: Deployment, status: Deployment["statuses"][number]): Record<string, unknown> {
  const { creator, ...fields } = status;
  return {
    ...fields,
    node_id: nodeId("DeploymentStatus", status.id),
    url: `${urlOf(repo, of)}/statuses/${status.id}`,
    deployment_url: urlOf(repo, of),
    environment: of.environment,
    target_url: status.log_url,
    environment_url: "",
    updated_at: status.created_at,
    creator: showUser(creator),
  };
}
