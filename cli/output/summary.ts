import { changes } from "../../fleet/engine/outcome.ts";
import type { Summary } from "../../fleet/summary.ts";
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
  for (const { stack, errors } of summary.failed) {
    parts.push(
      [forData.red(`${stack} failed:`), ...errors.map((line) => `  ${line.replaceAll("\n", "\n  ")}`)].join("\n"),
    );
  }
  if (summary.skipped.length > 0) {
    const reasons = new Map<string, string[]>();
    for (const { stack, reason } of summary.skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), stack]);
    for (const [reason, stacks] of reasons) {
      const more = stacks.length > NAMED ? ` … (${stacks.length})` : "";
      parts.push(forData.yellow(`not started (${reason}): ${stacks.slice(0, NAMED).join(", ")}${more}`));
    }
  }
  const again = summary.byStack.flatMap(({ stack, attempts }) => (attempts ? [`${stack} (${attempts})`] : []));
  if (again.length > 0) {
    const more = again.length > NAMED ? ` … (${again.length})` : "";
    parts.push(forData.yellow(`took several attempts: ${again.slice(0, NAMED).join(", ")}${more}`));
  }
  const { created, changed: updated, replaced, deleted, unchanged } = summary.total;
  const stacks = plural(summary.byStack.length, "stack");
  const figures = `${created} ${done ? "created" : "to create"}, ${updated} ${done ? "changed" : "to change"}, ${replaced} ${done ? "replaced" : "to replace"}, ${deleted} ${done ? "deleted" : "to delete"}, ${unchanged} unchanged`;
  parts.push(forData.bold(`${stacks}: ${figures} (${summary.seconds.toFixed(1)} s)`));
  return parts.join("\n\n");
}
