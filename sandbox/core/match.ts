import { createHash } from "node:crypto";
import { isRead } from "./log.ts";
import type { SubjectName } from "./names.ts";

/** A call as rules see it. */
export interface Call {
  readonly vendor: SubjectName;
  readonly method: string;
  readonly path: string;
  /** Who calls: a digest of the credential, never the credential. */
  readonly caller: string;
  /** The body as text; asked for only by rules that look at it. */
  body(): Promise<string>;
}

/** The fields of a rule that say which calls it is about. */
export interface MatchFields {
  readonly vendor?: SubjectName | undefined;
  readonly method?: string | string[] | undefined;
  readonly path?: string | undefined;
  readonly body?: string | undefined;
}

/** Answers what the first group of the path captured (`""` without a group), or undefined when the call is not meant. */
export type Matcher = (call: Call) => Promise<string | undefined> | string | undefined;

/** Compiles the fields once, so that a call costs a few comparisons. */
export function compileMatch(fields: MatchFields): Matcher {
  const methods =
    fields.method === undefined ? undefined : [fields.method].flat().map((method) => method.toUpperCase());
  const path = fields.path === undefined ? undefined : new RegExp(fields.path);
  const body = fields.body === undefined ? undefined : new RegExp(fields.body);
  return (call) => {
    if (fields.vendor !== undefined && fields.vendor !== call.vendor) return undefined;
    // A rule about all calls of vendors is not about visitors.
    if (fields.vendor === undefined && call.vendor === "web") return undefined;
    if (methods !== undefined && !methods.some((method) => methodMatches(method, call.method))) return undefined;
    const found = path === undefined ? undefined : path.exec(call.path);
    if (found === null) return undefined;
    const captured = found?.[1] ?? "";
    if (body === undefined) return captured;
    return call.body().then((text) => (body.test(text) ? captured : undefined));
  };
}

function methodMatches(wanted: string, method: string): boolean {
  if (wanted === "READ") return isRead(method);
  if (wanted === "WRITE") return !isRead(method);
  return wanted === method;
}

const callers = new Map<string, string>();

/** Twelve hex digits that stand for an Authorization header; `anonymous` without one. */
export function callerOf(authorization: string | null): string {
  if (authorization === null || authorization === "") return "anonymous";
  let caller = callers.get(authorization);
  if (caller === undefined) {
    caller = createHash("sha256").update(authorization).digest("hex").slice(0, 12);
    // A sandbox sees a handful of tokens; a client that sends thousands must not fill the memory.
    if (callers.size > 1000) callers.clear();
    callers.set(authorization, caller);
  }
  return caller;
}
