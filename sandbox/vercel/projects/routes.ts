import type { Hono } from "hono";
import {
  type Api,
  type Call,
  type Env,
  json,
  objectBody,
  optionalText,
  projectOf,
  refuseUnknown,
  requireText,
  route,
} from "../api.ts";
import { addEnvs, readEnv } from "../environment/write.ts";
import { ApiError, badRequest } from "../errors.ts";
import { newId } from "../ids.ts";
import { page } from "../pages.ts";
import { readSettings, SETTING_NAMES } from "../project-settings.ts";
import type { ProjectRecord } from "../records.ts";
import { nameKey } from "../store.ts";
import { formatProject } from "./format.ts";
import { readLink } from "./link.ts";

const CREATE_FIELDS = new Set([
  ...SETTING_NAMES,
  "name",
  "environmentVariables",
  "gitRepository",
  "skipGitConnectDuringLink",
]);
const UPDATE_FIELDS = new Set([...SETTING_NAMES, "name"]);
const NAME_RULE =
  "Project names can be up to 100 characters long and must be lowercase. They can include letters, digits, and the following characters: '.', '_', '-'. However, they cannot contain the sequence '---'.";

/** Creates, reads, changes, lists and deletes projects. */
export function projectRoutes(app: Hono<Env>, api: Api): void {
  route(app, "post", [8, 9, 10, 11], "/projects", (call) => handleCreate(api, call));
  route(app, "get", [8, 9, 10], "/projects", (call) => handleList(api, call));
  route(app, "get", [2, 8, 9, 10], "/projects/:project", (call) => {
    return json(call, formatProject(api, projectOf(api, call), call.var.scope.sealer));
  });
  route(app, "patch", [8, 9, 10], "/projects/:project", (call) => handleUpdate(api, call));
  route(app, "delete", [8, 9, 10], "/projects/:project", (call) => {
    const project = projectOf(api, call);
    api.store.removeProject(project);
    api.changed("project.deleted", { projectId: project.id, name: project.name });
    return call.body(null, 204);
  });
}

async function handleCreate(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  refuseUnknown(body, CREATE_FIELDS);
  const { owner, sealer } = call.var.scope;
  const name = readName(requireText(body, "name"));
  refuseTaken(api, owner.id, name);
  const settings = readSettings(body);
  const envs = Array.isArray(body.environmentVariables)
    ? body.environmentVariables.map((env) => readEnv(env, sealer))
    : [];
  const createdAt = api.store.stamp(api.now());
  const project: ProjectRecord = {
    id: newId("prj"),
    name,
    ownerId: owner.id,
    createdAt,
    updatedAt: createdAt,
    settings,
    link: body.gitRepository === undefined ? null : readLink(api, owner.id, body.gitRepository),
    autoHost: freeAutoHost(api, name, owner.slug),
    production: null,
    job: null,
    rolledBack: false,
    bypass: [],
  };
  api.store.addProject(project);
  const { failed } = addEnvs(api, project, envs, false);
  if (failed.length > 0) {
    api.store.removeProject(project);
    throw new ApiError(400, "env_conflict", "Environment variables could not be created.", {}, { failed });
  }
  api.changed("project.created", { projectId: project.id, name });
  return json(call, formatProject(api, project, sealer));
}

async function handleUpdate(api: Api, call: Call): Promise<Response> {
  // Body first: what is looked up must not go stale while it arrives.
  const body = await objectBody(call);
  const project = projectOf(api, call);
  refuseUnknown(body, UPDATE_FIELDS);
  const settings = readSettings(body);
  if (body.name !== undefined) {
    const name = readName(requireText(body, "name"));
    if (name !== project.name) {
      refuseTaken(api, project.ownerId, name);
      api.store.renameProject(project, name);
    }
  }
  project.settings = { ...project.settings, ...settings };
  if (settings.autoAssignCustomDomains === true) project.rolledBack = false;
  project.updatedAt = api.now();
  api.changed("project.updated", { projectId: project.id, name: project.name });
  return json(call, formatProject(api, project, call.var.scope.sealer));
}

function handleList(api: Api, call: Call): Response {
  const { owner, sealer } = call.var.scope;
  const search = call.req.query("search")?.toLowerCase();
  const repository = optionalText(call.req.query("repo"));
  const { items, pagination } = page(call, api.store.projects.values(), (project) => {
    if (project.ownerId !== owner.id) return false;
    if (repository !== null && `${project.link?.owner}/${project.link?.repo}` !== repository) return false;
    return search === undefined || project.name.includes(search);
  });
  return json(call, { projects: items.map((project) => formatProject(api, project, sealer)), pagination });
}

function readName(name: string): string {
  if (!/^[a-z0-9._-]{1,100}$/.test(name) || name.includes("---")) throw badRequest(NAME_RULE);
  return name;
}

function refuseTaken(api: Api, ownerId: string, name: string): void {
  if (api.store.projectByName.has(nameKey(ownerId, name))) {
    throw new ApiError(409, "conflict", `Project "${name}" already exists, please use a new name.`);
  }
}

/** `<name>.vercel.app`, or with the account's slug when it is taken. */
function freeAutoHost(api: Api, name: string, slug: string): string | null {
  const label = name.replace(/[._]/g, "-");
  const hosts = [`${label}.vercel.app`, `${label}-${slug.toLowerCase()}.vercel.app`];
  return hosts.find((host) => !api.store.projectByAutoHost.has(host) && !api.store.aliases.has(host)) ?? null;
}
