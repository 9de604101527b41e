/** What is done to a resource, as far as its calls differ. A replacement is a delete and a create. */
export type CostOperation = "create" | "read" | "update" | "delete";

/** `METHOD path`; `*` stands for one part of the path. */
export type CallPattern = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

/**
 * The calls that a provider makes for one resource type, in their order; the stand-ins make the same (sandbox/providers, tested
 * against the same rows). A call that depends on what changed is counted always: a budget that is too large costs
 * minutes, a budget that is too small costs a failed stack.
 */
export interface Calls extends Readonly<Record<CostOperation, readonly CallPattern[]>> {
  /** Where the sequence was read. */
  readonly source: string;
}

/** Kinds of stack, as far as they differ in what they open and read. */
export type StackKind = "shared" | "plesk" | "cell";
