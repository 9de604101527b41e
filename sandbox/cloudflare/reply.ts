import type { ContentfulStatusCode } from "hono/utils/http-status";

/** One entry of `errors` in Cloudflare's envelope. */
export interface ApiErrorEntry {
  readonly code: number;
  readonly message: string;
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[];
}

/** Thrown by handlers; becomes `{ success: false, errors: […] }` with the given status. */
export class CloudflareError extends Error {
  readonly status: ContentfulStatusCode;
  readonly entries: readonly ApiErrorEntry[];

  constructor(status: ContentfulStatusCode, code: number, message: string, ...more: ApiErrorEntry[]) {
    super(message);
    this.status = status;
    this.entries = [{ code, message }, ...more];
  }
}

/** Position in a list. */
export interface ResultInfo {
  readonly page: number;
  readonly per_page: number;
  readonly count: number;
  readonly total_count: number;
  readonly total_pages: number;
}

/** The envelope of an answer that went well. */
export function success(result: unknown, info?: ResultInfo): Record<string, unknown> {
  return { result, success: true, errors: [], messages: [], ...(info === undefined ? {} : { result_info: info }) };
}

/** The envelope of an answer that did not. */
export function failure(errors: readonly ApiErrorEntry[]): Record<string, unknown> {
  return { result: null, success: false, errors, messages: [] };
}

/** Page and size of a list call, within what the call allows. */
export interface Page {
  readonly page: number;
  readonly perPage: number;
}

/** Reads `page` and `per_page`; sizes out of range are brought into it, as the real lists do. */
export function pageOf(query: URLSearchParams, defaults: { size: number; min: number; max: number }): Page {
  const number = (name: string, fallback: number): number => {
    const text = query.get(name);
    if (text === null || text === "") return fallback;
    const value = Number(text);
    if (!Number.isInteger(value)) throw new CloudflareError(400, 1004, `Invalid ${name}: must be an integer`);
    return value;
  };
  return {
    page: Math.max(1, number("page", 1)),
    perPage: Math.min(defaults.max, Math.max(defaults.min, number("per_page", defaults.size))),
  };
}

/** Cuts one page out of all results. */
export function paginate<Item>(items: readonly Item[], { page, perPage }: Page): { items: Item[]; info: ResultInfo } {
  const start = (page - 1) * perPage;
  const cut = items.slice(start, start + perPage);
  const total_pages = Math.ceil(items.length / perPage);
  return { items: cut, info: { page, per_page: perPage, count: cut.length, total_count: items.length, total_pages } };
}

/** The request's body as an object. @throws CloudflareError 400 when it is anything else */
export async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = await request.json();
  } catch {
    throw new CloudflareError(400, 9207, "Request body is invalid.");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new CloudflareError(400, 9207, "Request body is invalid.");
  }
  return parsed as Record<string, unknown>;
}
