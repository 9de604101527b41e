import type { Context, Handler, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { VendorContext } from "../core/vendor.ts";
import type { Behaviour } from "./behaviour.ts";
import { ApiError, badRequest, notFound } from "./errors.ts";
import type { AccountRecord, ProjectRecord } from "./records.ts";
import type { Sealer } from "./secrets.ts";
import type { Store } from "./store.ts";

/** On whose behalf a call is made. */
interface Scope {
  /** Team or, without one, the user. */
  readonly owner: AccountRecord;
  readonly team: AccountRecord | null;
  readonly sealer: Sealer;
}

/** What hono carries from the middleware to the handlers. */
export interface Env {
  Variables: { scope: Scope };
}

/** A handler's view of the call. */
export type Call = Context<Env>;

/** What the handlers share. */
export interface Api {
  readonly store: Store;
  readonly user: AccountRecord;
  readonly context: VendorContext;
  /** Repositories that can be linked; undefined: any. */
  readonly repositories: ReadonlySet<string> | undefined;
  behaviour(): Behaviour;
  now(): number;
  /** Notes a change of state, and tells the others in the sandbox. */
  changed(type: string, data: Record<string, unknown>): void;
}

type Method = "get" | "post" | "patch" | "put" | "delete";

/**
 * Registers one handler under the versions of a path that the real API has and its clients use.
 * @example route(app, "get", [8, 9, 10], "/projects/:project", handler)
 */
export function route(
  app: Hono<Env>,
  method: Method,
  versions: readonly number[],
  path: string,
  handler: (call: Call) => Response | Promise<Response>,
): void {
  for (const version of versions) app[method](`/v${version}${path}`, handler as Handler<Env>);
}

/** Answers with JSON. */
export function json(call: Call, body: unknown, status = 200): Response {
  return call.json(body as object, status as ContentfulStatusCode);
}

/** Parameter of the path, decoded; hono leaves broken escapes alone. */
export function param(call: Call, name: string): string {
  return call.req.param(name) ?? "";
}

/** The call's body as an object. @throws ApiError 400 when it is not one */
export async function objectBody(call: Call): Promise<Record<string, unknown>> {
  const body = await anyBody(call);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("Invalid request: should be object.");
  }
  return body as Record<string, unknown>;
}

/** The call's body, whatever it is. @throws ApiError 400 when it is no JSON */
export async function anyBody(call: Call): Promise<unknown> {
  const text = await call.req.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("Invalid JSON");
  }
}

/** The project that the path names. @throws ApiError 404 */
export function projectOf(api: Api, call: Call): ProjectRecord {
  const project = api.store.findProject(call.var.scope.owner.id, param(call, "project"));
  if (project === undefined) throw notFound("Project");
  return project;
}

/** A text field. @throws ApiError 400 in the API's wording when it is missing or of another type */
export function requireText(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (value === undefined) throw badRequest(`Invalid request: missing required property \`${field}\`.`);
  if (typeof value !== "string") throw badRequest(`Invalid request: \`${field}\` should be string.`);
  return value;
}

/** A text, null when absent or empty. */
export function optionalText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Refuses what the API does not know, as the real one does. */
export function refuseUnknown(body: Record<string, unknown>, known: ReadonlySet<string>): void {
  for (const field of Object.keys(body)) {
    if (!known.has(field)) throw badRequest(`Invalid request: should NOT have additional property \`${field}\`.`);
  }
}

/** 403 for a scope the token has no part in. */
export function wrongScope(scope: string): ApiError {
  return new ApiError(
    403,
    "forbidden",
    `Not authorized: Trying to access resource under scope "${scope}". You must re-authenticate to this scope or use a token with access to this scope.`,
    { scope },
  );
}
