import { canonicalChange } from "./digest.ts";
import type { Change, ChangeSet } from "./shape.ts";

/** How two change sets differ. */
export interface Comparison {
  readonly same: boolean;
  /** Changes that only the first holds, e.g. since they were made already. */
  readonly gone: readonly Change[];
  /** Changes that only the second holds. */
  readonly added: readonly Change[];
  /** The same resource, another operation or other values; `paths` differ. */
  readonly altered: readonly { readonly before: Change; readonly after: Change; readonly paths: readonly string[] }[];
  /** Stacks whose desired state or outcome differs though their visible changes are equal: a masked value changed. */
  readonly stacks: readonly string[];
  /** All of it in words, at most {@link MAX_REASONS} lines. Empty when the sets are the same. */
  readonly reasons: readonly string[];
}

/** Lines of an explanation. */
const MAX_REASONS = 20;

const keyOf = ({ stack, urn }: Change) => `${stack} ${urn}`;
const label = ({ op, type, name, stack }: Change) => `${op} ${type.split(":").at(-1)} ${name} (${stack})`;

/** Says what differs between an approved change set `a` and what a preview finds now, `b`. Pure. */
export function sameChanges(a: ChangeSet, b: ChangeSet): Comparison {
  const [before, after] = [index(a.changes), index(b.changes)];
  const gone = a.changes.filter((change) => !after.has(keyOf(change)));
  const added = b.changes.filter((change) => !before.has(keyOf(change)));
  const altered = a.changes.flatMap((change) => {
    const other = after.get(keyOf(change));
    if (other === undefined || canonicalChange(change) === canonicalChange(other)) return [];
    return [{ before: change, after: other, paths: differing(change, other) }];
  });
  const visible = new Set([...gone, ...added, ...altered.map(({ before }) => before)].map(({ stack }) => stack));
  const stacks = silent(a, b).filter((stack) => !visible.has(stack));
  const lines = [
    ...(a.target === b.target ? [] : [`the target is ${b.target ?? "not set"}, not ${a.target ?? "not set"}`]),
    ...gone.map((change) => `no more: ${label(change)}`),
    ...added.map((change) => `new: ${label(change)}`),
    ...altered.map(({ before, after, paths }) =>
      before.op === after.op
        ? `other values: ${label(after)}${paths.length > 0 ? `: ${paths.join(", ")}` : ""}`
        : `now ${after.op}, not ${before.op}: ${label(after)}`,
    ),
    ...stacks.map((stack) => `${stack}: its desired state or its outcome differs where values are masked`),
  ];
  const same = a.digest === b.digest;
  const left = lines.length - MAX_REASONS;
  const reasons = left > 0 ? [...lines.slice(0, MAX_REASONS), `and ${left} more differences`] : lines;
  return { same, gone, added, altered, stacks, reasons: same ? [] : reasons };
}

function index(changes: readonly Change[]): Map<string, Change> {
  return new Map(changes.map((change) => [keyOf(change), change]));
}

function differing(a: Change, b: Change): string[] {
  const text = (change: Change) => new Map(change.diffs.map((diff) => [diff.path, JSON.stringify(diff)]));
  const [before, after] = [text(a), text(b)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
}

/** Stacks with changes in both that say something else of themselves. */
function silent(a: ChangeSet, b: ChangeSet): string[] {
  const touched = new Set([...a.changes, ...b.changes].map(({ stack }) => stack));
  const say = (set: ChangeSet) =>
    new Map(set.stacks.map(({ stack, ok, desired }) => [stack, ok && !touched.has(stack) ? "" : `${ok} ${desired}`]));
  const [before, after] = [say(a), say(b)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((stack) => (before.get(stack) ?? "") !== (after.get(stack) ?? ""))
    .sort();
}
