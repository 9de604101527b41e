import { HOSTING } from "../../../vendors/index.ts";
import { isRelease } from "../rank.ts";
import type { Change, ChangeSet, Group } from "../shape.ts";

/** A group in words. */
export const TITLES: Readonly<Record<Group, string>> = {
  delete: "Deletes",
  replace: "Replacements",
  protection: "Protection that is taken away",
  apex: "DNS and settings of a whole zone",
  domain: "Domains and other DNS records",
  secret: "Secrets",
  release: "Releases: another commit goes live",
  update: "Updates",
  create: "Creates",
  grouping: "Groupings (nothing at a vendor)",
};

/** One character for an operation, readable without colour. */
export function symbolOf(op: string): string {
  if (op === "delete") return "-";
  if (op.includes("replace")) return "±";
  return op === "create" || op === "import" ? "+" : "~";
}

/** `vercel:index/project:Project` → `vercel Project`. Pure. */
export function shortType(type: string): string {
  const [vendor = type, , name = ""] = type.split(":");
  return name === "" ? vendor : `${vendor} ${name}`;
}

/** Text on one line without characters that steer a terminal or hide from a reader. Pure. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** At most `length` characters, cut in the middle of nothing. Pure. */
export function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** `1 stack`, `2 stacks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The figures of all stacks in one sentence. Pure. */
export function headline({ total, stacks }: ChangeSet): string {
  const changed = stacks.filter(({ counts }) => counts.created + counts.changed + counts.replaced + counts.deleted > 0);
  const { created, changed: updated, replaced, deleted, unchanged } = total;
  const figures = `${created} to create, ${updated} to change, ${replaced} to replace, ${deleted} to delete, ${unchanged} unchanged`;
  return `${figures}; ${changed.length} of ${plural(stacks.length, "opened stack")} with changes`;
}

/** Can it be rolled back, a line each; none when there is nothing to do or the document is older. Pure. */
export function undoLines({ undo, changes }: ChangeSet): string[] {
  if (undo === undefined || changes.length === 0) return [];
  if (undo.answer === "yes") return ["can be rolled back: yes"];
  return undo.reasons.map(({ reason, changes: count, examples }) => {
    const more = count > examples.length ? ` and ${count - examples.length} more` : "";
    return `can be rolled back, with a loss: ${reason} (${printable(examples.join(", "))}${more})`;
  });
}

/** What it costs, a line each; none where nothing is known of prices or nothing is paid for. Pure. */
export const costLines = ({ cost }: ChangeSet): string[] => (cost?.sentences ?? []).map(printable);

/** What is said of a change that was made by hand at the vendor; empty when the declaration made it, or when it is not known. Pure. */
export function causeText({ cause }: Change): string {
  if (cause === "drift") return "drift";
  return cause === "both" ? "drift and code" : "";
}

/** The commits that a release goes from and to, seven digits each; undefined for everything else. Pure. */
export function releaseRefs({
  type,
  diffs,
}: Pick<Change, "type" | "diffs">): { old?: string; next: string } | undefined {
  const ref = isRelease({ type }) ? diffs.find(({ path }) => path === "ref") : undefined;
  const short = (json: string | undefined) => /^"([0-9a-f]{7})[0-9a-f]*"$/.exec(json ?? "")?.[1];
  const [old, next] = [short(ref?.old), short(ref?.new)];
  return next === undefined ? undefined : { old, next };
}

/** What a release puts in place of what: `promotes 1234567 in place of 89abcde`; empty for everything else. Pure. */
export function releaseText(change: Pick<Change, "type" | "diffs">): string {
  const refs = releaseRefs(change);
  if (refs === undefined) return "";
  const undoes = change.diffs.some(({ path }) => path === "rolledBack")
    ? `, to which it was rolled back by hand at ${HOSTING.vendor.title}`
    : "";
  return refs.old === undefined ? `promotes ${refs.next}` : `promotes ${refs.next} in place of ${refs.old}${undoes}`;
}

/** What the reader must know before the changes: what is missing and what the engine will refuse. Pure. */
export function cautions(set: ChangeSet): string[] {
  const failed = set.stacks.filter(({ ok }) => !ok).length;
  const missed = set.unopened.filter(({ planned }) => !planned).length;
  const drifted = set.changes.filter((change) => !change.component && causeText(change) !== "").length;
  const undone = set.changes.filter(
    ({ type, diffs }) => isRelease({ type }) && diffs.some(({ path }) => path === "rolledBack"),
  );
  const refused = set.changes.filter(({ protect, group }) => protect && (group === "delete" || group === "replace"));
  return [
    ...(failed > 0 ? [`${plural(failed, "stack")} failed: this is not the whole picture`] : []),
    ...(missed > 0 ? [`${plural(missed, "stack")} could not be looked at: this is not the whole picture`] : []),
    ...(drifted > 0 ? [`${plural(drifted, "change")} put back what was changed outside (drift)`] : []),
    ...(undone.length > 0
      ? [`${plural(undone.length, "rollback")} made by hand at ${HOSTING.vendor.title} would be undone`]
      : []),
    ...preflightLines(set),
    ...gateLines(set),
    ...(refused.length > 0 ? [`${plural(refused.length, "protected resource")} would be refused by the engine`] : []),
  ];
}

/** What a run that does this would be told before it starts. */
function preflightLines({ preflight = [] }: ChangeSet): string[] {
  return preflight.map(({ severity, sentence, safeguard, wayOn = [] }) => {
    if (severity === "inform") return printable(sentence);
    const way = safeguard === undefined ? wayOn.join("; ") : `sitefleet up --allow ${safeguard}`;
    return printable(`up would be refused: ${sentence}${way === "" ? "" : ` (${way})`}`);
  });
}

/** What would be asked of a run that does this. */
function gateLines({ gates }: ChangeSet): string[] {
  return (gates?.verdicts ?? []).map(({ rule, severity, sentence, approvals, area, lifted }) => {
    const who = `${approvals === 1 ? "an approval" : `${approvals} approvals`}${area === "general" ? "" : ` of ${area}`}`;
    const need = gates?.asks ? `needs ${who}` : `would need ${who}, and approvers.yaml names no approver`;
    const says =
      severity === "stop" ? "up is stopped" : severity === "inform" ? "told" : lifted ? `lifted, ${need}` : need;
    return printable(`${says}: ${sentence} (${rule})`);
  });
}

/** Title of what components say. */
export const NOTES = "On the hosts";

/** Changes that are not shown, by type: `1487 vercel Deployment, 3 vercel Project`; at most five types by name. Pure. */
export function restByType(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { type } of changes) counts.set(type, (counts.get(type) ?? 0) + 1);
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const named = sorted.slice(0, 5).map(([type, count]) => `${count} ${shortened(printable(shortType(type)), 60)}`);
  const others = sorted.slice(5).reduce((sum, [, count]) => sum + count, 0);
  return [...named, ...(others > 0 ? [`${others} others`] : [])].join(", ");
}

/** One property: `ttl: 1 → 300`, `ref: + "abc"`, `name: - "old"`. Pure. */
export function propertyText({ path, kind, old, new: next }: Change["diffs"][number]): string {
  const mark = kind.endsWith("-replace") ? " (replaces)" : "";
  const name = printable(shortened(path, 200));
  const value = (text: string | undefined) => (text === undefined ? "nothing" : printable(text));
  if (kind.startsWith("add")) return `${name}: + ${value(next)}${mark}`;
  if (kind.startsWith("delete")) return `${name}: - ${value(old)}${mark}`;
  return `${name}: ${value(old)} → ${value(next)}${mark}`;
}

/** Whether the values say more than the operation does: of what is created or deleted they are in the full document. */
export function showsProperties({ op }: Change): boolean {
  return !["create", "delete", "import"].includes(op);
}
