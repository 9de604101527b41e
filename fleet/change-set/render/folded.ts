import { canonicalJson } from "../../../stacks/digest.ts";
import { SECRET } from "../../engine/values.ts";
import { isRelease } from "../rank.ts";
import type { Change, ChangeSet } from "../shape.ts";
import { plural, printable, releaseRefs, shortened, shortType, showsProperties, symbolOf } from "./words.ts";

/** Changes that differ in nothing but the resource they are made to. */
export interface Folded {
  /** The one that stands for all. */
  readonly change: Change;
  /** All of them, in the order of the change set. */
  readonly all: readonly Change[];
}

/** Equal changes from which on they are one line: fewer are read faster one by one. */
const FOLD_FROM = 4;
/** Resources that a folded line names; more of them where something goes away. */
const NAMES = 3;
const NAMES_THAT_GO = 10;
/** Longest name, characters. */
const NAME_LENGTH = 80;

/** Equal changes of one group folded into one entry each, where the first of them stood. Pure. */
export function folded(changes: readonly Change[]): Folded[] {
  const alike = new Map<string, Change[]>();
  const sets = changes.map((change) => {
    const key = likeness(change);
    const set = alike.get(key) ?? [];
    set.push(change);
    alike.set(key, set);
    return set;
  });
  return changes.flatMap((change, index): Folded[] => {
    const all = sets[index] ?? [];
    if (all.length < FOLD_FROM) return [{ change, all: [change] }];
    return all[0] === change ? [{ change, all }] : [];
  });
}

/** What two changes must share to be told as one. A value that holds the resource's own name counts as the same on each. */
function likeness(change: Change): string {
  const { group, op, type, protect, cause, channel, keys } = change;
  const own = [change.name, change.parent ?? change.name].sort((a, b) => b.length - a.length);
  const without = (text: string | undefined) =>
    text === undefined ? null : own.reduce((rest, name) => rest.replaceAll(name, "<name>"), text);
  const diffs = showsProperties(change)
    ? change.diffs.map(({ path, kind, old, new: next }) => [path, kind, without(old), without(next)])
    : null;
  return canonicalJson({ group, op, type, protect, cause, channel, keys, diffs });
}

/**
 * A folded entry on one line without its operation's mark:
 * `update sitefleet Release, channel stable: 3f0c8a1 → 4f0c8a1, 1041 sites in 64 stacks: a.example, b.example, …`. Pure.
 */
export function foldedText({ change, all }: Folded): string {
  const refs = releaseRefs(change);
  const channel = change.channel === undefined ? "" : `, channel ${printable(shortened(change.channel, NAME_LENGTH))}`;
  const moves = refs === undefined ? "" : `: ${refs.old ?? "nothing"} → ${refs.next}`;
  const stacks = new Set(all.map(({ stack }) => stack)).size;
  const named = change.op === "delete" || change.op.includes("replace") ? NAMES_THAT_GO : NAMES;
  const names = all.slice(0, named).map(({ name }) => printable(shortened(name, NAME_LENGTH)));
  const more = all.length > named ? ` and ${all.length - named} more` : "";
  const where = `${plural(all.length, nounOf(all))} in ${plural(stacks, "stack")}`;
  return `${change.op} ${shortType(change.type)}${channel}${moves}, ${where}: ${names.join(", ")}${more}`;
}

/** Whether the entry's line has told this property: the commit of a folded release, a service's document. Pure. */
export function saidAbove({ change, all }: Folded, diff: Change["diffs"][number], service?: string): boolean {
  if (all.length > 1) return diff.path === "ref" && releaseRefs(change) !== undefined;
  // A document is one secret as a whole: that it differs says nothing which the note does not say better.
  return service !== undefined && diff.old === SECRET && diff.new === SECRET;
}

/** The mark of the operation, then {@link foldedText}. Pure. */
export function foldedLine(entry: Folded): string {
  return `${symbolOf(entry.change.op)} ${foldedText(entry)}`;
}

/** Releases of single sites are counted as sites; everything else as resources. */
function nounOf(all: readonly Change[]): string {
  return all.every(({ type, channel, name }) => isRelease({ type }) && channel !== undefined && name.includes("."))
    ? "site"
    : "resource";
}

/** What a service's deployment brings, by the component's own note: `f50130f → 1964c06, 1 changed`; undefined for all else. Pure. */
export function serviceText({ type, parent, stack }: Change, { notes = [] }: ChangeSet): string | undefined {
  if (!type.startsWith("command:")) return undefined;
  return notes.find((note) => note.stack === stack && note.subject === parent)?.text.split("\n")[0];
}
