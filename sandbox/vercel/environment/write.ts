import type { Api } from "../api.ts";
import { ApiError, badRequest } from "../errors.ts";
import { newId } from "../ids.ts";
import type { EnvRecord, EnvType, ProjectRecord, Sealed } from "../records.ts";
import type { Sealer } from "../secrets.ts";

const TYPES: ReadonlySet<string> = new Set(["system", "encrypted", "plain", "secret", "sensitive"]);
const TARGETS: ReadonlySet<string> = new Set(["production", "preview", "development"]);

/** A variable as a caller asks for it, checked, its value sealed. */
interface EnvDraft {
  readonly key: string;
  readonly type: EnvType;
  readonly target: string[];
  readonly gitBranch: string | null;
  readonly customEnvironmentIds: string[];
  readonly comment: string;
  readonly value: Sealed;
}

/** One variable that could not be created, as the API reports it. */
interface EnvFailure {
  readonly error: Record<string, unknown>;
}

/** Checks one variable of a body. @throws ApiError 400 */
export function readEnv(given: unknown, sealer: Sealer): EnvDraft {
  if (typeof given !== "object" || given === null) throw badRequest("Invalid request: should be object.");
  const body = given as Record<string, unknown>;
  const { key, value } = body;
  if (typeof key !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) || key.length > 256) {
    throw new ApiError(
      400,
      "INVALID_ENV_KEY",
      "The name contains invalid characters. Only letters, digits, and underscores are allowed. Furthermore, the name should not start with a digit.",
      { key },
    );
  }
  if (typeof value !== "string") throw badRequest("Invalid request: missing required property `value`.");
  const type = readType(body.type ?? "encrypted");
  const customEnvironmentIds = texts(body.customEnvironmentIds);
  const target = readTarget(body.target, customEnvironmentIds);
  refuseSensitiveDevelopment(type, target);
  return {
    key,
    type,
    target,
    gitBranch: typeof body.gitBranch === "string" && body.gitBranch !== "" ? body.gitBranch : null,
    customEnvironmentIds,
    comment: typeof body.comment === "string" ? body.comment : "",
    value: sealer.seal(value, type !== "sensitive"),
  };
}

/** Adds variables to a project; with `upsert` one that exists for the same key and branch is overwritten. */
export function addEnvs(
  api: Api,
  project: ProjectRecord,
  drafts: readonly EnvDraft[],
  upsert: boolean,
): { created: EnvRecord[]; failed: EnvFailure[] } {
  const created: EnvRecord[] = [];
  const failed: EnvFailure[] = [];
  for (const draft of drafts) {
    const existing = findConflict(api, project.id, draft);
    if (existing !== undefined && !upsert) {
      failed.push({ error: conflict(draft, existing) });
      continue;
    }
    if (existing !== undefined) {
      Object.assign(existing, { ...draft, updatedAt: api.now() });
      api.store.touch("envs", existing.id);
      created.push(existing);
      continue;
    }
    const createdAt = api.store.stamp(api.now());
    const env: EnvRecord = { id: newId("env"), projectId: project.id, ...draft, createdAt, updatedAt: createdAt };
    api.store.addEnv(env);
    created.push(env);
  }
  if (created.length > 0) api.changed("env.written", { projectId: project.id, keys: created.map((env) => env.key) });
  return { created, failed };
}

/** A variable of the same key and branch whose targets overlap. */
export function findConflict(
  api: Api,
  projectId: string,
  draft: Pick<EnvDraft, "key" | "target" | "gitBranch" | "customEnvironmentIds">,
  except?: EnvRecord,
): EnvRecord | undefined {
  for (const env of api.store.envsOf.get(projectId)?.values() ?? []) {
    if (env === except || env.key !== draft.key || env.gitBranch !== draft.gitBranch) continue;
    if (env.target.some((target) => draft.target.includes(target))) return env;
    if (env.customEnvironmentIds.some((id) => draft.customEnvironmentIds.includes(id))) return env;
  }
  return undefined;
}

/** The members of an `ENV_CONFLICT` error. */
export function conflict(
  draft: Pick<EnvDraft, "key" | "target" | "gitBranch">,
  existing: EnvRecord,
): Record<string, unknown> {
  const target = draft.target.filter((name) => existing.target.includes(name));
  return {
    code: "ENV_CONFLICT",
    message: `A variable with the name \`${draft.key}\` already exists for the target ${target.join(",")} on branch ${draft.gitBranch ?? "undefined"}`,
    key: draft.key,
    envVarKey: draft.key,
    envVarId: existing.id,
    target,
    ...(draft.gitBranch === null ? {} : { gitBranch: draft.gitBranch }),
  };
}

/** One of the API's types. @throws ApiError 400 */
export function readType(value: unknown): EnvType {
  if (typeof value !== "string" || !TYPES.has(value)) {
    throw badRequest("Invalid request: `type` should be equal to one of the allowed values.");
  }
  return value as EnvType;
}

/** Targets, given as one or several. @throws ApiError 400 when there is none, or an unknown one */
export function readTarget(value: unknown, customEnvironmentIds: readonly string[]): string[] {
  const target = typeof value === "string" ? [value] : texts(value);
  if (target.length === 0 && customEnvironmentIds.length === 0) {
    throw badRequest("Invalid request: missing required property `target`.");
  }
  if (target.some((name) => !TARGETS.has(name))) {
    throw badRequest("Invalid request: `target` should be equal to one of the allowed values.");
  }
  return [...new Set(target)];
}

/** @throws ApiError 400 for what the API refuses: a sensitive variable for development */
export function refuseSensitiveDevelopment(type: EnvType, target: readonly string[]): void {
  if (type === "sensitive" && target.includes("development")) {
    throw badRequest("You cannot set a Sensitive Environment Variable's target to development.");
  }
}

/** The texts of a list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
