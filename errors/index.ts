import type { Code } from "./codes.ts";

export type { Code } from "./codes.ts";

/** What a {@link SitefleetError} is made of. */
export interface ErrorParts {
  /** Stable, dotted, lower-case identifier that callers and tests match on, e.g. `catalog.invalid`. */
  readonly code: Code;
  /** One sentence: what is wrong. Never holds a secret. */
  readonly message: string;
  /** The site, service, stack or file concerned, if there is one. */
  readonly subject?: string;
  /** What the reader can do about it, as an imperative sentence. */
  readonly hint?: string;
  /** Every single problem, when there are several; printed one a line. */
  readonly details?: readonly string[];
  /** The process's exit code when this ends a command. @default 1 (see docs/reference/cli.md) */
  readonly exitCode?: number;
  /** The error underneath, kept for debugging and never printed to people. */
  readonly cause?: unknown;
}

/** An error meant for the person at the terminal: shown without a stack trace, matched by `code`, never by message. */
export class SitefleetError extends Error {
  readonly code: Code;
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
      subject: this.subject,
      hint: this.hint,
      details: this.details.length === 0 ? undefined : this.details,
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

/** Errors of the system that are no defect of ours, by their code: [code of ours, what is wrong, what to do]. */
const SYSTEM: Readonly<Record<string, readonly [Code, string, string]>> = {
  ENOSPC: ["disk.full", "the disk is full", "make room, then go on with sitefleet up --resume"],
  EDQUOT: ["disk.full", "the quota of this disk is used up", "make room, then go on with sitefleet up --resume"],
  EROFS: ["disk.refused", "the disk may only be read", "mount it for writing, or name another directory"],
  EACCES: ["disk.refused", "this user may not do that", "run it as the owner, or change the file's rights"],
  EPERM: ["disk.refused", "this user may not do that", "run it as the owner, or change the file's rights"],
  EMFILE: ["disk.refused", "too many files are open", "raise the limit: ulimit -n 4096"],
  EIO: ["disk.refused", "the disk cannot be read or written", "look at the system's log: the disk may be failing"],
};

/** What the system refused, as an error of ours with the file; undefined for every other error. Pure. */
export function systemError(error: unknown): SitefleetError | undefined {
  const { code, path, syscall, errcode } = (error ?? {}) as NodeJS.ErrnoException & { readonly errcode?: number };
  // SQLITE_FULL of the ledger: https://www.sqlite.org/rescode.html#full
  if (code === "ERR_SQLITE_ERROR" && errcode === 13)
    return systemError(Object.assign(new Error(), { code: "ENOSPC", syscall: "write" }));
  const known = error instanceof Error && code !== undefined && syscall !== undefined ? SYSTEM[code] : undefined;
  if (known === undefined) return undefined;
  const [own, message, hint] = known;
  return new SitefleetError({
    code: own,
    message: `${message} (${syscall})`,
    subject: path,
    hint,
    cause: error,
  });
}
