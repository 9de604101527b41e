/** An answer of the API that is not a success; becomes `{ error: { code, message, … } }`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** Members beside `error`, e.g. `failed`. */
  readonly beside: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: Readonly<Record<string, unknown>> = {},
    beside: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.beside = beside;
  }

  /** The body as Vercel writes it. */
  body(): Record<string, unknown> {
    return { error: { code: this.code, message: this.message, ...this.extra }, ...this.beside };
  }
}

/** 404 with the wording of Vercel's handlers, e.g. `notFound("Project")`. */
export function notFound(what: string): ApiError {
  return new ApiError(404, "not_found", `${what} not found.`);
}

/** 400 in the wording of Vercel's request validation. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "bad_request", message);
}
