import { createHash } from "node:crypto";
import type { Hono } from "hono";
import { type Api, type Call, type Env, json, objectBody, optionalText, param, route } from "../api.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { page } from "../pages.ts";
import type { DeploymentRecord } from "../records.ts";
import { createDeployment } from "./create.ts";
import { formatDeployment, formatListed } from "./format.ts";
import { settle } from "./settle.ts";
import { readSource } from "./source.ts";
import { stateOf } from "./state.ts";

/** Creates, reads, lists, cancels and deletes deployments; takes uploaded files. */
export function deploymentRoutes(app: Hono<Env>, api: Api): void {
  const create = (call: Call): Promise<Response> => handleCreate(api, call);
  route(app, "post", [12], "/now/deployments", create);
  route(app, "post", [12, 13], "/deployments", create);
  route(app, "get", [13], "/deployments/:deployment", (call) => {
    return json(call, formatDeployment(api, call.var.scope.owner, deploymentOf(api, call)));
  });
  route(app, "get", [6], "/deployments", (call) => handleList(api, call));
  route(app, "delete", [13], "/deployments/:deployment", (call) => {
    const deployment = deploymentOf(api, call);
    const project = api.store.projects.get(deployment.projectId);
    if (project?.job?.done === false && project.job.toDeploymentId === deployment.id) {
      throw new ApiError(409, "conflict", "The deployment is being promoted.");
    }
    api.store.removeDeployment(deployment);
    api.changed("deployment.deleted", { deploymentId: deployment.id, projectId: deployment.projectId });
    return json(call, { uid: deployment.id, state: "DELETED" });
  });
  route(app, "patch", [12], "/deployments/:deployment/cancel", (call) => handleCancel(api, call));
  route(app, "get", [2, 3], "/deployments/:deployment/events", (call) =>
    json(call, events(api, deploymentOf(api, call))),
  );
  for (const path of ["/files", "/now/files"]) route(app, "post", [2], path, (call) => handleUpload(api, call));
}

/** The deployment that the path names, by id or host. @throws ApiError 404 */
export function deploymentOf(api: Api, call: Call): DeploymentRecord {
  const found = api.store.findDeployment(call.var.scope.owner.id, param(call, "deployment"));
  if (found === undefined) throw notFound("Deployment");
  return found;
}

async function handleCreate(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const { owner } = call.var.scope;
  const baseId = optionalText(body.deploymentId);
  const base = baseId === null ? undefined : api.store.findDeployment(owner.id, baseId);
  if (baseId !== null && base === undefined) throw notFound("Deployment");
  const name = optionalText(body.project) ?? base?.projectId ?? optionalText(body.name);
  if (name === null) throw badRequest("Invalid request: missing required property `name`.");
  const project = api.store.findProject(owner.id, name);
  if (project === undefined) throw notFound("Project");
  const deployment = createDeployment(api, call, project, readSource(api, project, body, base), body);
  const answer = formatDeployment(api, owner, deployment);
  return json(call, api.behaviour().build.answer === "queued" ? { ...answer, ...JUST_QUEUED } : answer);
}

/**
 * The API answers before anything is built. The provider counts on it: it learns a deployment's team only from the GET
 * that follows, and would report drift on the next refresh.
 */
const JUST_QUEUED = {
  readyState: "QUEUED",
  status: "QUEUED",
  readySubstate: undefined,
  ready: undefined,
  buildingAt: undefined,
  errorCode: undefined,
  errorMessage: null,
  alias: [],
  aliasFinal: null,
  aliasAssigned: false,
  aliasError: null,
};

function handleList(api: Api, call: Call): Response {
  const { owner } = call.var.scope;
  const name = call.req.query("projectId") ?? call.req.query("app");
  const project = name === undefined ? undefined : api.store.findProject(owner.id, name);
  if (name !== undefined && project === undefined) throw notFound("Project");
  const target = call.req.query("target");
  const states = call.req.query("state")?.toUpperCase().split(",");
  const sha = call.req.query("sha");
  const candidates = call.req.query("rollbackCandidate");
  // `meta-KEY=VALUE`, as the `--meta` of Vercel's own `vercel list` asks.
  const metas = Object.entries(call.req.query()).filter(([key]) => key.startsWith("meta-"));
  const now = api.now();
  const records =
    project === undefined ? api.store.deployments : (api.store.deploymentsOf.get(project.id) ?? new Map());
  const { items, pagination } = page<DeploymentRecord>(call, records.values(), (deployment) => {
    if (deployment.ownerId !== owner.id) return false;
    if (target !== undefined && (deployment.target ?? "preview") !== target) return false;
    if (states !== undefined && !states.includes(stateOf(deployment, now))) return false;
    if (sha !== undefined && deployment.commit !== sha) return false;
    if (metas.some(([key, value]) => deployment.meta[key.slice("meta-".length)] !== value)) return false;
    return candidates === undefined || (candidates === "true") === (deployment.promotedAt !== null);
  });
  return json(call, { deployments: items.map((deployment) => formatListed(api, deployment)), pagination });
}

function handleCancel(api: Api, call: Call): Response {
  const deployment = deploymentOf(api, call);
  const state = stateOf(deployment, api.now());
  if (state !== "QUEUED" && state !== "BUILDING") {
    throw badRequest(`The deployment cannot be canceled because its state is ${state}.`);
  }
  deployment.canceledAt = api.now();
  settle(api);
  return json(call, formatDeployment(api, call.var.scope.owner, deployment));
}

async function handleUpload(api: Api, call: Call): Promise<Response> {
  const digest = call.req.header("x-vercel-digest") ?? call.req.header("x-now-digest");
  if (digest === undefined) throw badRequest("Missing header: x-vercel-digest");
  const bytes = Buffer.from(await call.req.arrayBuffer());
  const actual = createHash("sha1").update(bytes).digest("hex");
  if (actual !== digest) {
    throw new ApiError(400, "bad_request", `The provided digest ${digest} does not match the content's ${actual}.`);
  }
  api.store.files.set(digest, bytes.length);
  api.changed("file.uploaded", { digest, size: bytes.length });
  return json(call, { urls: [] });
}

/** The build's log in broad strokes; enough to show why a build failed. */
function events(api: Api, deployment: DeploymentRecord): Record<string, unknown>[] {
  const now = api.now();
  const state = stateOf(deployment, now);
  const lines: [string, number, string][] = [
    ["stdout", deployment.buildingAt, `Building ${deployment.name} at ${deployment.commit.slice(0, 7)}`],
  ];
  if (state === "ERROR")
    lines.push(["stderr", deployment.readyAt, `Error: ${deployment.errorMessage ?? "Build failed"}`]);
  if (state === "READY") lines.push(["stdout", deployment.readyAt, "Deployment completed"]);
  if (state === "CANCELED") lines.push(["exit", deployment.canceledAt ?? now, "Canceled"]);
  return lines
    .filter(([, created]) => created <= now)
    .map(([type, created, text], serial) => ({
      type,
      created,
      payload: { deploymentId: deployment.id, text, id: String(serial), date: created },
    }));
}
