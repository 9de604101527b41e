import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

/** Contexts of an expression, by name: `github`, `needs`, `steps`, … */
export type Contexts = Readonly<Record<string, unknown>>;
/** What `success()` and its like say. */
export interface Status {
  readonly failed: boolean;
  readonly cancelled: boolean;
  /** `hashFiles`. @default nothing is there */
  readonly there?: (pattern: string) => boolean;
}

type Value = ReturnType<Evaluator["evaluate"]>;
const STATUS = /\b(always|success|failure|cancelled)\s*\(/;

const known = (value: unknown): Value => JSON.parse(JSON.stringify(value ?? null), data.reviver) as Value;
const plain = (value: Value): unknown => JSON.parse(JSON.stringify(value, data.replacer));

/** Evaluates what stands between `${{` and `}}`, with GitHub's own evaluator. */
function evaluate(text: string, contexts: Contexts, { failed, cancelled, there }: Status): unknown {
  const bool = (value: boolean) => () => new data.BooleanData(value);
  const calls = {
    always: bool(true),
    success: bool(!failed && !cancelled),
    failure: bool(failed),
    cancelled: bool(cancelled),
    hashFiles: (pattern?: Value) => new data.StringData(pattern && there?.(pattern.coerceString()) ? "c0ffee" : ""),
  };
  const functions = Object.entries(calls).map(([name, call]) => ({ name, minArgs: 0, maxArgs: 255, call }));
  const tree = new Parser(new Lexer(text).lex().tokens, Object.keys(contexts), functions).parse();
  const all = known(contexts) as InstanceType<typeof data.Dictionary>;
  // Names of functions are looked up in lower case.
  const named = new Map(functions.map((one) => [one.name.toLowerCase(), one]));
  return plain(new Evaluator(tree, all, named).evaluate());
}

/** A value of a workflow with its expressions evaluated: one that is all of it keeps its type. */
export function filled(value: unknown, contexts: Contexts, status: Status): unknown {
  if (typeof value !== "string") return value;
  const whole = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(value.trim());
  if (whole) return evaluate(whole[1] ?? "", contexts, status);
  return value.replace(/\$\{\{(.*?)\}\}/gs, (_, inner: string) => textOf(evaluate(inner, contexts, status)));
}

/** As a text, as GitHub writes it. */
export const textOf = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** Whether something with this `if:` is done: without a status of its own only when nothing has failed. */
export function isDone(condition: unknown, contexts: Contexts, status: Status): boolean {
  const text = condition === undefined ? "success()" : String(condition).replace(/^\$\{\{(.*)\}\}$/s, "$1");
  const full = STATUS.test(text) ? text : `success() && (${text})`;
  const value = evaluate(full, contexts, status);
  return Boolean(value);
}
