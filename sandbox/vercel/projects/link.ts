import type { Hono } from "hono";
import { type Api, type Call, type Env, json, objectBody, param, projectOf, requireText, route } from "../api.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { newId, randomToken } from "../ids.ts";
import type { GitLink } from "../records.ts";
import { nameKey } from "../store.ts";
import { formatProject } from "./format.ts";

const TYPES = new Set(["github", "gitlab", "bitbucket"]);

/** Links a project to a repository, sets its production branch, and its deploy hooks. */
export function linkRoutes(app: Hono<Env>, api: Api): void {
  route(app, "post", [9], "/projects/:project/link", (call) => handleLink(api, call));
  route(app, "delete", [9], "/projects/:project/link", (call) => {
    const project = projectOf(api, call);
    api.store.setLink(project, null);
    return done(api, call);
  });
  route(app, "patch", [9], "/projects/:project/branch", async (call) => {
    const branch = requireText(await objectBody(call), "branch");
    const { link } = linked(api, call);
    link.productionBranch = branch;
    link.updatedAt = api.now();
    return done(api, call);
  });
  route(app, "post", [2], "/projects/:project/deploy-hooks", (call) => handleHook(api, call));
  route(app, "delete", [2], "/projects/:project/deploy-hooks/:hook", (call) => {
    const { link } = linked(api, call);
    if (!link.deployHooks.some((hook) => hook.id === param(call, "hook"))) throw notFound("Deploy hook");
    link.deployHooks = link.deployHooks.filter((hook) => hook.id !== param(call, "hook"));
    return done(api, call);
  });
}

/** A link as a caller asks for it. @throws ApiError 400 for a repository that cannot be linked */
export function readLink(api: Api, ownerId: string, given: unknown): GitLink {
  if (typeof given !== "object" || given === null)
    throw badRequest("Invalid request: `gitRepository` should be object.");
  const body = given as Record<string, unknown>;
  const type = requireText(body, "type");
  const [owner, repo, rest] = requireText(body, "repo").split("/");
  if (!TYPES.has(type)) throw badRequest("Invalid request: `type` should be equal to one of the allowed values.");
  if (!owner || !repo || rest !== undefined || api.repositories?.has(`${owner}/${repo}`) === false) {
    throw new ApiError(
      400,
      "repo_not_found",
      `The repository "${String(body.repo)}" couldn't be found in your linked Git account.`,
      {
        action: "Install GitHub App",
        link: "https://github.com/apps/vercel",
      },
    );
  }
  const allowed = api.behaviour().projectsPerRepository;
  if (allowed > 0 && (api.store.projectsByRepository.get(nameKey(ownerId, `${owner}/${repo}`)) ?? 0) >= allowed) {
    throw new ApiError(
      400,
      "too_many_projects",
      `A maximum of ${allowed} projects can be connected to one repository.`,
    );
  }
  const now = api.now();
  return {
    type: type as GitLink["type"],
    owner,
    repo,
    productionBranch: "main",
    createdAt: now,
    updatedAt: now,
    deployHooks: [],
  };
}

async function handleLink(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const project = projectOf(api, call);
  const link = readLink(api, project.ownerId, body);
  api.store.setLink(project, link);
  return done(api, call);
}

async function handleHook(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const { project, link } = linked(api, call);
  const id = newId("hook");
  link.deployHooks.push({
    id,
    name: requireText(body, "name"),
    ref: requireText(body, "ref"),
    url: `https://api.vercel.com/v1/integrations/deploy/${project.id}/${randomToken(10)}`,
    createdAt: api.now(),
  });
  return done(api, call, 201);
}

function linked(api: Api, call: Call): { project: ReturnType<typeof projectOf>; link: GitLink } {
  const project = projectOf(api, call);
  if (project.link === null) throw badRequest("The project is not linked to a Git repository.");
  return { project, link: project.link };
}

function done(api: Api, call: Call, status = 200): Response {
  const project = projectOf(api, call);
  project.updatedAt = api.now();
  api.changed("project.updated", { projectId: project.id, name: project.name });
  return json(call, formatProject(api, project, call.var.scope.sealer), status);
}
