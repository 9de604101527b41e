import type { Hono } from "hono";
import { type Api, type Call, type Env, json, param, projectOf, route } from "../api.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import type { AliasJob, DeploymentRecord, ProjectRecord } from "../records.ts";
import { startJob } from "./settle.ts";
import { stateOf } from "./state.ts";

/** Promotion, rollback, and how far they are. */
export function promotionRoutes(app: Hono<Env>, api: Api): void {
  route(app, "post", [1, 9, 10], "/projects/:project/promote/:deployment", (call) => handle(api, call, "promote"));
  route(app, "post", [1, 9], "/projects/:project/rollback/:deployment", (call) => handle(api, call, "rollback"));
  for (const kind of ["promote", "rollback"]) {
    route(app, "get", [1, 9], `/projects/:project/${kind}/aliases`, (call) => handleAliases(api, call));
  }
}

function handle(api: Api, call: Call, type: AliasJob["type"]): Response {
  const project = projectOf(api, call);
  const target = candidate(api, call, project);
  if (api.store.busy.has(project)) {
    throw new ApiError(409, "conflict", "A promotion or rollback of this project is already in progress.");
  }
  // After a rollback, promoting what is live is how new deployments get the hosts again.
  if (project.production === target.id && !(type === "promote" && project.rolledBack)) {
    throw new ApiError(409, "conflict", "The deployment is already the current production deployment.");
  }
  const job = startJob(api, project, type, target);
  api.changed(`${type}.requested`, { projectId: project.id, deploymentId: target.id });
  return call.body(null, job.done ? 201 : 202);
}

function candidate(api: Api, call: Call, project: ProjectRecord): DeploymentRecord {
  const target = api.store.findDeployment(call.var.scope.owner.id, param(call, "deployment"));
  if (target === undefined || target.projectId !== project.id) throw notFound("Deployment");
  if (target.target !== "production") {
    throw badRequest("Only production deployments can be promoted. Create a new deployment with `target` production.");
  }
  const state = stateOf(target, api.now());
  if (state !== "READY") throw badRequest(`The deployment is not ready: its state is ${state}.`);
  return target;
}

function handleAliases(api: Api, call: Call): Response {
  const project = projectOf(api, call);
  const job = project.job;
  if (job === null) return json(call, {});
  const failedOnly = call.req.query("failedOnly") === "true";
  const aliases = job.hosts
    .map((host, index) => ({ host, status: statusOf(job, host, index) }))
    .filter(({ status }) => !failedOnly || status === "failed")
    .map(({ host, status }) => ({
      status,
      alias: host,
      id: `${project.id}:${host}`,
    }));
  return json(call, { aliases, pagination: { count: aliases.length, next: null, prev: null } });
}

function statusOf(job: AliasJob, host: string, index: number): "completed" | "failed" | "in-progress" | "pending" {
  if (index < job.moved) return job.failing.includes(host) ? "failed" : "completed";
  return index === job.moved ? "in-progress" : "pending";
}
