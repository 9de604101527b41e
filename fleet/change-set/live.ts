import type { Change, ChangeSet } from "./shape.ts";

/** What of a reviewed change set is live in one stack. */
export interface ReviewedStack {
  readonly stack: string;
  /** Its reviewed changes, as `update Project shop.example.org`. */
  readonly changes: readonly string[];
  /** Why they are not live as reviewed; absent: they are. */
  readonly reason?: string;
}

/** What is known of a stack that a change set is about. */
export interface StackNow {
  /** The backend has it. */
  readonly exists: boolean;
  /** Differs from what is declared, by its digest or by a preview. */
  readonly differs: boolean;
  /** Digests that its preview would have had; more than one where ids of the shared stack were not known yet. */
  readonly declared: readonly string[];
}

/**
 * Says which reviewed changes are live: those of a stack that is as declared, when the declaration is the reviewed one, and those of
 * a stack that was to be emptied and is gone. Pure.
 */
export function reviewedStacks(reviewed: ChangeSet, now: (stack: string) => StackNow): ReviewedStack[] {
  const desired = new Map(reviewed.stacks.map((one) => [one.stack, one.desired]));
  return [...Map.groupBy(reviewed.changes, ({ stack }) => stack)].map(([stack, changes]) => {
    const reason = reasonOf(changes, desired.get(stack), now(stack));
    return { stack, changes: changes.map(label), reason };
  });
}

function reasonOf(changes: readonly Change[], desired: string | undefined, now: StackNow): string | undefined {
  if (!now.exists) {
    return changes.every(({ op }) => op === "delete") ? undefined : "the stack is not there any more";
  }
  if (now.differs) return "not made yet, made otherwise, or not asked for";
  if (desired === undefined) return "the change set does not say what was declared";
  return now.declared.includes(desired) ? undefined : "something else is declared, and live, since the review";
}

const label = ({ op, type, name }: Change): string => `${op} ${type.slice(type.lastIndexOf(":") + 1)} ${name}`;
