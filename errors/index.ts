/** What a {@link SitefleetError} is made of. */
export interface ErrorParts {
  /** Stable, dotted, lower-case identifier that callers and tests match on, e.g. `catalog.invalid`. */
  readonly code: string;
  /** One sentence: what is wrong. Never holds a secret. */
  readonly message: string;
  /** The site, service, stack or file concerned, if there is one. */
  readonly subject?: string;
  /** What the reader can do about it, as an imperative sentence. */
  readonly hint?: string;
  /** Every single problem, when there are several; printed one a line. */
  readonly details?: readonly string[];
  /** The process's exit code when this ends a command. @default 1 (see docs/cli.md) */
  readonly exitCode?: number;
  /** The error underneath, kept for debugging and never printed to people. */
  readonly cause?: unknown;
}

/** An error meant for the person at the terminal: shown without a stack trace, matched by `code`, never by message. */
export class SitefleetError extends Error {
  readonly code: string;
  readonly subject: string | undefined;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = "SitefleetError";
    this.code = parts.code;
    this.subject = parts.subject;
    this.hint = parts.hint;
    this.details = parts.details ?? [];
    this.exitCode = parts.exitCode ?? 1;
  }

  /** The form printed by `--json`. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      ...(this.subject === undefined ? {} : { subject: this.subject }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details.length === 0 ? {} : { details: this.details }),
    };
  }
}

/** True for errors of ours that carry the given code. */
export function hasCode(error: unknown, code: string): error is SitefleetError {
  return error instanceof SitefleetError && error.code === code;
}

/** An error of ours in words: subject and message, every detail on a line, then the hint. */
export function describeError(error: SitefleetError): string {
  const lines = [error.subject === undefined ? error.message : `${error.subject}: ${error.message}`];
  lines.push(...error.details.map((detail) => `  ${detail}`));
  if (error.hint !== undefined) lines.push(`  ${error.hint}`);
  return lines.join("\n");
}
