import { changes } from "../../fleet/engine/outcome.ts";
import type { Summary } from "../../fleet/run/summary.ts";
import { forData, plural, table } from "./style.ts";

/** Stacks that are named of those that were not started; JSON names all. */
const NAMED = 8;

/** The summary as people read it. `done` = the changes were made, not only found. */
export function renderSummary(summary: Summary, done: boolean): string {
  const parts: string[] = [];
  const changed = summary.byStack.filter(({ counts, ok }) => changes(counts) > 0 || !ok);
  const head = ["created", "changed", "replaced", "deleted", "unchanged"];
  if (changed.length > 0) {
    const rows = changed.map(({ stack, counts: c }) => [
      stack,
      c.created,
      c.changed,
      c.replaced,
      c.deleted,
      c.unchanged,
    ]);
    parts.push(table([["stack", ...head], ...rows]));
  }
  if (summary.byType.length > 0) {
    const rows = summary.byType.map(({ type, counts: c }) => [type, c.created, c.changed, c.replaced, c.deleted]);
    parts.push(table([["type", ...head.slice(0, 4)], ...rows]));
  }
  // One cause is told once: JSON has every stack's own words.
  for (const group of sameFailures(summary.failed)) {
    const [{ stack, errors }] = group;
    const head =
      group.length === 1 ? `${stack} failed:` : `${some(group.map((one) => one.stack))} failed, all of them:`;
    parts.push([forData.red(head), ...errors.map((line) => `  ${line.replaceAll("\n", "\n  ")}`)].join("\n"));
  }
  const reasons = Map.groupBy(summary.skipped, ({ stack, reason }) => withoutName(reason, stack));
  for (const group of reasons.values()) {
    const stacks = some(group.map(({ stack }) => stack));
    const reason = group[0]?.reason ?? "";
    // Of several lines: what is wrong with a state, and the way back.
    if (reason.includes("\n"))
      parts.push(forData.yellow(`not started: ${stacks}\n  ${reason.replaceAll("\n", "\n  ")}`));
    else parts.push(forData.yellow(`not started (${reason}): ${stacks}`));
  }
  const again = summary.byStack.flatMap(({ stack, attempts }) => (attempts ? [`${stack} (${attempts})`] : []));
  if (again.length > 0) {
    parts.push(forData.yellow(`took several attempts: ${some(again)}`));
  }
  const { created, changed: updated, replaced, deleted, unchanged } = summary.total;
  const stacks = plural(summary.byStack.length, "stack");
  const figures = `${created} ${done ? "created" : "to create"}, ${updated} ${done ? "changed" : "to change"}, ${replaced} ${done ? "replaced" : "to replace"}, ${deleted} ${done ? "deleted" : "to delete"}, ${unchanged} unchanged`;
  parts.push(forData.bold(`${stacks}: ${figures} (${summary.seconds.toFixed(1)} s)`));
  return parts.join("\n\n");
}

/** The first names, and how many there are. */
function some(names: readonly string[]): string {
  const more = names.length > NAMED ? ` … (${names.length})` : "";
  return `${names.slice(0, NAMED).join(", ")}${more}`;
}

type Failure = Summary["failed"][number];

/** Failures that differ in the stack's name alone are one. Pure. */
export function sameFailures(failed: readonly Failure[]): [Failure, ...Failure[]][] {
  const groups = Map.groupBy(failed, ({ stack, errors }) => withoutName(errors.join("\n"), stack));
  return [...groups.values()] as [Failure, ...Failure[]][];
}

const withoutName = (text: string, stack: string) => text.replaceAll(new RegExp(`${stack}(?![\\w-])`, "g"), "\0");
