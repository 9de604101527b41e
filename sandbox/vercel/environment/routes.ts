import type { Hono } from "hono";
import { type Api, anyBody, type Call, type Env, json, objectBody, param, projectOf, route } from "../api.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { page } from "../pages.ts";
import type { EnvRecord } from "../records.ts";
import type { Sealer } from "../secrets.ts";
import {
  addEnvs,
  conflict,
  findConflict,
  readEnv,
  readTarget,
  readType,
  refuseSensitiveDevelopment,
  texts,
} from "./write.ts";

/** Environment variables of projects. */
export function envRoutes(app: Hono<Env>, api: Api): void {
  route(app, "get", [8, 9, 10], "/projects/:project/env", (call) => {
    const envs = api.store.envsOf.get(projectOf(api, call).id)?.values() ?? [];
    const decrypt = call.req.query("decrypt") === "true";
    const { items, pagination } = page<EnvRecord>(call, envs);
    return json(call, { envs: items.map((env) => formatEnv(env, call.var.scope.sealer, decrypt)), pagination });
  });
  route(app, "post", [9, 10], "/projects/:project/env", (call) => handleCreate(api, call));
  route(app, "get", [1, 9, 10], "/projects/:project/env/:env", (call) => {
    return json(call, formatEnv(envOf(api, call), call.var.scope.sealer, true));
  });
  route(app, "patch", [9, 10], "/projects/:project/env/:env", (call) => handleUpdate(api, call));
  route(app, "delete", [8, 9, 10], "/projects/:project/env/:env", (call) => {
    const env = envOf(api, call);
    api.store.removeEnv(env);
    api.changed("env.deleted", { projectId: env.projectId, key: env.key });
    return json(call, formatEnv(env, call.var.scope.sealer, false));
  });
}

/**
 * A variable as the API shows it. The value is clear only when asked for and not sensitive; else the digest stands
 * where the real API has ciphertext.
 */
function formatEnv(env: EnvRecord, sealer: Sealer, decrypt: boolean): Record<string, unknown> {
  const { id, key, type, target, customEnvironmentIds, comment, createdAt, updatedAt } = env;
  const shown = decrypt || type === "plain" ? sealer.open(env.value) : undefined;
  return {
    id,
    key,
    type,
    target,
    ...(env.gitBranch === null ? {} : { gitBranch: env.gitBranch }),
    customEnvironmentIds,
    comment,
    createdAt,
    updatedAt,
    configurationId: null,
    value: type === "sensitive" ? "" : (shown ?? env.value.digest),
    decrypted: shown !== undefined,
  };
}

async function handleCreate(api: Api, call: Call): Promise<Response> {
  const body = await anyBody(call);
  const project = projectOf(api, call);
  const { sealer } = call.var.scope;
  const drafts = (Array.isArray(body) ? body : [body]).map((env) => readEnv(env, sealer));
  if (drafts.length === 0) throw badRequest("Invalid request: should NOT have fewer than 1 items.");
  const { created, failed } = addEnvs(api, project, drafts, call.req.query("upsert") === "true");
  const shown = created.map((env) => formatEnv(env, sealer, false));
  if (Array.isArray(body)) return json(call, { created: shown, failed }, 201);
  const failure = failed[0];
  if (failure !== undefined) {
    const { code, message, ...extra } = failure.error;
    throw new ApiError(400, String(code), String(message), extra, { failed });
  }
  return json(call, { created: shown[0], failed }, 201);
}

async function handleUpdate(api: Api, call: Call): Promise<Response> {
  const body = await objectBody(call);
  const env = envOf(api, call);
  const { sealer } = call.var.scope;
  const type = body.type === undefined ? env.type : readType(body.type);
  const ids = body.customEnvironmentIds === undefined ? env.customEnvironmentIds : texts(body.customEnvironmentIds);
  const target = body.target === undefined || body.target === null ? env.target : readTarget(body.target, ids);
  const key = typeof body.key === "string" ? body.key : env.key;
  const gitBranch = body.gitBranch === undefined ? env.gitBranch : ((body.gitBranch as string | null) ?? null);
  refuseSensitiveDevelopment(type, target);
  if (env.type === "sensitive" && type !== "sensitive") {
    throw badRequest("You cannot change the type of a Sensitive Environment Variable.");
  }
  const draft = { key, target, gitBranch, customEnvironmentIds: ids };
  const other = findConflict(api, env.projectId, draft, env);
  if (other !== undefined) {
    const { code, message, ...extra } = conflict(draft, other);
    throw new ApiError(400, String(code), String(message), extra);
  }
  if (typeof body.value === "string") env.value = sealer.seal(body.value, type !== "sensitive");
  else if (type === "sensitive") env.value = { digest: env.value.digest };
  Object.assign(env, { ...draft, type, updatedAt: api.now() });
  if (typeof body.comment === "string") env.comment = body.comment;
  api.store.touch("envs", env.id);
  api.changed("env.written", { projectId: env.projectId, keys: [env.key] });
  return json(call, formatEnv(env, sealer, false));
}

function envOf(api: Api, call: Call): EnvRecord {
  const env = api.store.envsOf.get(projectOf(api, call).id)?.get(param(call, "env"));
  if (env === undefined) throw notFound("Environment variable");
  return env;
}
