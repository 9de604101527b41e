import type { Hono } from "hono";
import { type Api, type Call, type Env, json, objectBody, param, requireText, route } from "../api.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { newId } from "../ids.ts";
import { page } from "../pages.ts";
import type { SharedEnvRecord } from "../records.ts";
import type { Sealer } from "../secrets.ts";
import { readTarget, readType, refuseSensitiveDevelopment, texts } from "./write.ts";

/** Environment variables of a team that projects share. */
export function sharedEnvRoutes(app: Hono<Env>, api: Api): void {
  route(app, "post", [1], "/env", (call) => handleCreate(api, call));
  for (const path of ["/env", "/env/all"]) route(app, "get", [1], path, (call) => handleList(api, call));
  route(app, "get", [1], "/env/:env", (call) => {
    return json(call, format(envOf(api, call, param(call, "env")), call.var.scope.sealer, true));
  });
  route(app, "patch", [1], "/env", (call) => handleUpdate(api, call));
  route(app, "delete", [1], "/env", async (call) => {
    const ids = texts((await objectBody(call)).ids);
    const deleted = ids.filter((id) => api.store.sharedEnvs.get(id)?.ownerId === call.var.scope.owner.id);
    for (const id of deleted) api.store.sharedEnvs.delete(id);
    const failed = ids.filter((id) => !deleted.includes(id)).map((id) => missing(id));
    api.changed("env.deleted", { ids: deleted });
    return json(call, { deleted, failed });
  });
}

async function handleCreate(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const { owner, sealer } = call.var.scope;
  const type = readType(body.type ?? "encrypted");
  const everywhere = body.applyToAllCustomEnvironments === true;
  const target = readTarget(body.target, everywhere ? ["all"] : []);
  refuseSensitiveDevelopment(type, target);
  const projectIds = ownProjects(api, call, texts(body.projectId));
  const evs = Array.isArray(body.evs) ? (body.evs as Record<string, unknown>[]) : [];
  if (evs.length === 0) throw badRequest("Invalid request: missing required property `evs`.");
  const created = evs.map((ev) => {
    const key = requireText(ev, "key");
    refuseTaken(api, owner.id, key, target);
    const createdAt = api.store.stamp(api.now());
    const env: SharedEnvRecord = {
      id: newId("env"),
      ownerId: owner.id,
      key,
      type,
      target,
      projectIds,
      comment: typeof ev.comment === "string" ? ev.comment : "",
      applyToAllCustomEnvironments: everywhere,
      createdAt,
      updatedAt: createdAt,
      value: sealer.seal(requireText(ev, "value"), type !== "sensitive"),
    };
    api.store.sharedEnvs.set(env.id, env);
    return env;
  });
  api.changed("env.written", { keys: created.map((env) => env.key) });
  return json(call, { created: created.map((env) => format(env, sealer, false)), failed: [] }, 201);
}

function handleList(api: Api, call: Call): Response {
  const { owner, sealer } = call.var.scope;
  const projectId = call.req.query("projectId");
  const { items, pagination } = page<SharedEnvRecord>(call, api.store.sharedEnvs.values(), (env) => {
    return env.ownerId === owner.id && (projectId === undefined || env.projectIds.includes(projectId));
  });
  return json(call, { data: items.map((env) => format(env, sealer, false)), pagination });
}

async function handleUpdate(api: Api, call: Call): Promise<Response> {
  const updates = (await objectBody(call)).updates;
  if (typeof updates !== "object" || updates === null) {
    throw badRequest("Invalid request: missing required property `updates`.");
  }
  const { sealer } = call.var.scope;
  const updated = Object.entries(updates as Record<string, Record<string, unknown>>).map(([id, change]) => {
    const env = envOf(api, call, id);
    if (change.type !== undefined) env.type = readType(change.type);
    if (Array.isArray(change.target))
      env.target = readTarget(change.target, env.applyToAllCustomEnvironments ? ["all"] : []);
    refuseSensitiveDevelopment(env.type, env.target);
    if (Array.isArray(change.projectId)) env.projectIds = ownProjects(api, call, texts(change.projectId));
    const links = (change.projectIdUpdates ?? {}) as Record<string, unknown>;
    const unlink = texts(links.unlink);
    const link = ownProjects(api, call, texts(links.link));
    env.projectIds = [...new Set([...env.projectIds, ...link])].filter((projectId) => !unlink.includes(projectId));
    if (typeof change.value === "string") env.value = sealer.seal(change.value, env.type !== "sensitive");
    if (typeof change.comment === "string") env.comment = change.comment;
    if (typeof change.applyToAllCustomEnvironments === "boolean") {
      env.applyToAllCustomEnvironments = change.applyToAllCustomEnvironments;
    }
    env.updatedAt = api.now();
    return env;
  });
  api.changed("env.written", { keys: updated.map((env) => env.key) });
  return json(call, { updated: updated.map((env) => format(env, sealer, false)), failed: [] });
}

function format(env: SharedEnvRecord, sealer: Sealer, decrypt: boolean): Record<string, unknown> {
  const { value, projectIds, ...rest } = env;
  const shown = decrypt || env.type === "plain" ? sealer.open(value) : undefined;
  return {
    ...rest,
    projectId: projectIds,
    value: env.type === "sensitive" ? "" : (shown ?? value.digest),
    decrypted: shown !== undefined,
  };
}

function refuseTaken(api: Api, ownerId: string, key: string, target: readonly string[]): void {
  for (const env of api.store.sharedEnvs.values()) {
    if (env.ownerId !== ownerId || env.key !== key || !env.target.some((name) => target.includes(name))) continue;
    throw new ApiError(
      409,
      "existing_key_and_target",
      `A shared environment variable with the key "${key}" already exists for this target.`,
    );
  }
}

function ownProjects(api: Api, call: Call, ids: readonly string[]): string[] {
  for (const id of ids) {
    if (api.store.projects.get(id)?.ownerId !== call.var.scope.owner.id) throw notFound("Project");
  }
  return [...new Set(ids)];
}

function envOf(api: Api, call: Call, id: string): SharedEnvRecord {
  const env = api.store.sharedEnvs.get(id);
  if (env === undefined || env.ownerId !== call.var.scope.owner.id) throw notFound("Environment variable");
  return env;
}

function missing(id: string): Record<string, unknown> {
  return { error: { code: "not_found", message: "Environment variable not found.", envVarId: id } };
}
