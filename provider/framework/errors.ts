import { SitefleetError } from "../../errors/index.ts";
import type { Props } from "./properties.ts";

/** An API answered, and the answer was no. `code` is `provider.api`. */
export class ApiError extends SitefleetError {
  /** HTTP status. */
  readonly status: number;
  /** The vendor's own error code, as far as the body had one. */
  readonly apiCode: string;
  /** The parsed body, for the vendor's extras. */
  readonly body: unknown;

  constructor(parts: { status: number; apiCode: string; message: string; body?: unknown }) {
    super({ code: "provider.api", message: parts.message });
    this.name = "ApiError";
    this.status = parts.status;
    this.apiCode = parts.apiCode;
    this.body = parts.body;
  }
}

/** True when an API said that the thing does not exist (404). */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/**
 * The resource exists but is not as asked: the engine keeps it in the state with `reasons`, fails the run, and tries an
 * update next time. Only where the real provider does so; others lose what they made. `code` is `provider.partial`.
 */
export class PartialFailure extends SitefleetError {
  readonly id: string;
  readonly outputs: Props;
  readonly reasons: readonly string[];

  constructor(parts: { id: string; outputs: Props; reasons: readonly string[] }) {
    super({ code: "provider.partial", message: parts.reasons.join("; ") });
    this.name = "PartialFailure";
    this.id = parts.id;
    this.outputs = parts.outputs;
    this.reasons = parts.reasons;
  }
}
