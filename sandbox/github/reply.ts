import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Repository } from "./state.ts";

/** Thrown by handlers; becomes GitHub's `{ message, documentation_url, status }`. */
export class GithubError extends Error {
  readonly status: ContentfulStatusCode;
  readonly errors: readonly unknown[] | undefined;

  constructor(status: ContentfulStatusCode, message: string, errors?: readonly unknown[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** Body of an error. */
export function errorBody(error: GithubError): Record<string, unknown> {
  const errors = error.errors === undefined ? {} : { errors: error.errors };
  const documentation_url = "https://docs.github.com/rest";
  return { message: error.message, ...errors, documentation_url, status: String(error.status) };
}

/** The repository that a path below `/repos/:owner/:repo` names. */
export const repositoryIn =
  (repositoryOf: (owner: string, name: string) => Repository) =>
  (c: Context): Repository =>
    repositoryOf(c.req.param("owner") ?? "", c.req.param("repo") ?? "");

export const notFound = (): GithubError => new GithubError(404, "Not Found");

/** 422 with GitHub's list of what is wrong. */
export function invalid(resource: string, field: string, code: string, message?: string): GithubError {
  const detail = message === undefined ? {} : { message };
  return new GithubError(422, "Validation Failed", [{ resource, field, code, ...detail }]);
}

/** The request's body as an object; no body counts as an empty one. @throws GithubError 400 when it is no JSON object */
export async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new GithubError(400, "Problems parsing JSON");
  }
  // go-github sends `null` for a call without fields.
  if (parsed === null) return {};
  if (typeof parsed !== "object" || Array.isArray(parsed)) throw new GithubError(400, "Body should be a JSON object");
  return parsed as Record<string, unknown>;
}

/** A short text of a status; null when there is none. @throws GithubError 422 when it is none, or too long */
export function describedIn(resource: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "string") throw invalid(resource, "description", "invalid");
  if (value.length <= MAX_DESCRIPTION) return value;
  const message = `description is too long (maximum is ${MAX_DESCRIPTION} characters)`;
  throw invalid(resource, "description", "custom", message);
}

/** Longest description of a status, characters (docs.github.com/rest/commits/statuses, /rest/deployments/statuses). */
const MAX_DESCRIPTION = 140;

/** Default and largest page of GitHub's lists ("Using pagination in the REST API"). */
const PAGE = { size: 30, max: 100 };

/** Cuts the page that was asked for, and sets the `Link` header by which clients find the next. */
export function paginate<Item>(c: Context, items: readonly Item[]): Item[] {
  const url = new URL(c.req.url);
  const number = (name: string, fallback: number): number => {
    const value = Number(url.searchParams.get(name) ?? fallback);
    return Number.isInteger(value) && value > 0 ? value : fallback;
  };
  const size = Math.min(PAGE.max, number("per_page", PAGE.size));
  const page = number("page", 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const links: string[] = [];
  const link = (rel: string, to: number): void => {
    url.searchParams.set("page", String(to));
    links.push(`<${url}>; rel="${rel}"`);
  };
  if (page > 1) link("prev", Math.min(page - 1, last));
  if (page < last) link("next", page + 1);
  if (page < last) link("last", last);
  if (page > 1) link("first", 1);
  if (links.length > 0) c.header("link", links.join(", "));
  return items.slice((page - 1) * size, page * size);
}

/** GitHub's times have no fraction of a second. */
export function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** Whether this is a commit in full. Pure. */
export const isSha = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{40}$/.test(value);

/** Commit that a reference means. One in full is what it is; a branch or tag gets one made from its name, so that it can be pinned. Pure. */
export const commitOf = ({ owner, name }: { readonly owner: string; readonly name: string }, ref: string): string =>
  isSha(ref) ? ref : createHash("sha1").update(`${owner}/${name}@${ref}`).digest("hex");
