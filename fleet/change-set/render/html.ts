import type { Change, ChangeSet } from "../shape.ts";
import { type Folded, folded, foldedText, serviceText } from "./folded.ts";
import { STYLE } from "./html-style.ts";
import {
  causeText,
  cautions,
  costLines,
  headline,
  NOTES,
  printable,
  releaseText,
  shortType,
  showsProperties,
  symbolOf,
  TITLES,
  undoLines,
} from "./words.ts";

/** Groups whose list is open at first: what a reviewer must have seen. */
const OPEN = new Set(["delete", "replace", "protection", "apex"]);
/** Changes up to which such a list is open. */
const OPEN_LIMIT = 200;

// hono/html may answer with a promise, and escapes markup alone: each value still has to go through `printable`, so `text` stays
// the one way from a value to the page.
/**
 * The whole change set as one page: no asset from elsewhere, no script, everything in the text. The page forbids itself
 * to load anything. Pure.
 */
export function renderHtml(set: ChangeSet): string {
  const title = set.target === undefined ? "Change set" : `Change set for ${text(set.target)}`;
  const groups = set.groups.map(({ group, changes }) => {
    const all = set.changes.filter((change) => change.group === group);
    const open = OPEN.has(group) && changes <= OPEN_LIMIT ? " open" : "";
    return `<details class="group" id="${group}"${open}><summary><h2>${TITLES[group]} <span class="meta">(${changes})</span></h2></summary>
${folded(all)
  .map((entry) => entryHtml(entry, set))
  .join("\n")}
</details>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}: ${text(headline(set))}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#changes">Skip to the changes</a>
<header>
<h1>${title}</h1>
<p class="meta">made <time datetime="${text(set.createdAt)}">${text(set.createdAt)}</time>, digest <code>${set.digest}</code></p>
${cautionHtml(set)}
${[...undoLines(set), ...costLines(set)].map((line) => `<p>${text(line)}</p>`).join("\n")}
${figures(set)}
</header>
<nav aria-label="Groups of changes">
${table(
  "Changes by what they can hurt, worst first",
  ["group", "changes"],
  set.groups.map(({ group, changes }) => [`<a href="#${group}">${TITLES[group]}</a>`, changes]),
)}
</nav>
<main id="changes">
${set.changes.length === 0 ? "<p>There is nothing to change.</p>" : groups.join("\n")}
${notesHtml(set)}
</main>
<footer>
${footer(set)}
</footer>
</body>
</html>
`;
}

/** Text for HTML; invisible characters are written out. */
function text(value: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return printable(value).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function cautionHtml(set: ChangeSet): string {
  const lines = cautions(set).map((line) => `<p>${text(line)}</p>`);
  const errors = set.errors.map(({ message, stacks }) => {
    const paragraphs = message.split("\n").map(text).join("<br>");
    return `<p><strong>${text(stacks.join(", "))}</strong> failed: ${paragraphs}</p>`;
  });
  return lines.length + errors.length === 0
    ? ""
    : `<div class="caution" role="note">${[...lines, ...errors].join("\n")}</div>`;
}

/** What components say, each folded under its first line. */
function notesHtml({ notes = [] }: ChangeSet): string {
  if (notes.length === 0) return "";
  const items = notes.map(({ subject, level, text: said, stack }) => {
    const [head = "", ...rest] = said.split("\n");
    const tag = level === "warning" ? ' <span class="tag">look</span>' : "";
    const lines = rest.map((line) => text(line.trim())).join("<br>");
    return `<details class="change" open><summary><span class="name">${text(subject)}${tag}</span><span>${text(head)}</span><span class="stack">${text(stack)}</span></summary><div class="body"><code>${lines}</code></div></details>`;
  });
  return `<details class="group" open><summary><h2>${NOTES} <span class="meta">(${notes.length})</span></h2></summary>
${items.join("\n")}
</details>`;
}

function figures({ total, stacks }: ChangeSet): string {
  const items: [number, string, string][] = [
    [total.deleted, "to delete", "op-delete"],
    [total.replaced, "to replace", "op-replace"],
    [total.changed, "to change", "op-update"],
    [total.created, "to create", "op-create"],
    [total.unchanged, "unchanged", ""],
    [stacks.length, "stacks opened", ""],
  ];
  const list = items.map(
    ([count, label, style]) => `<li><b${style ? ` class="${style}"` : ""}>${count}</b> ${label}</li>`,
  );
  return `<ul class="figures">${list.join("")}</ul>`;
}

/** Equal changes behind one line, with each of them below; a single change as it is. */
function entryHtml(entry: Folded, set: ChangeSet): string {
  if (entry.all.length === 1) return changeHtml(entry.change, set);
  const style = styleOf(entry.change);
  return `<details class="change"><summary><span class="${style}">${symbolOf(entry.change.op)}</span><span class="name">${text(foldedText(entry))}</span></summary><div class="body">
${entry.all.map((change) => changeHtml(change, set)).join("\n")}
</div></details>`;
}

const styleOf = ({ op }: Change) =>
  ({ "-": "op-delete", "±": "op-replace", "+": "op-create" })[symbolOf(op)] ?? "op-update";

/** A change: what and where on its line, properties and address below. */
function changeHtml(change: Change, set: ChangeSet): string {
  const { op, type, name, stack, urn, id, parent, protect, diffs } = change;
  const release = releaseText(change) || (serviceText(change, set) ?? "");
  const cause = causeText(change);
  const style = styleOf(change);
  const address = [
    `<code>${text(urn)}</code>`,
    id === undefined ? "" : `id <code>${text(id)}</code>`,
    parent === undefined || parent === name ? "" : `part of ${text(parent)}`,
  ];
  const rows = diffs.map(({ path, kind, old, new: next }) => [
    `<code>${text(path)}</code>${kind.endsWith("-replace") ? " (replaces)" : ""}`,
    value(old),
    value(next),
  ]);
  const properties = rows.length === 0 ? "" : table("", ["property", "old", "new"], rows);
  // What changes in place is read by its values; of what is made or deleted the name says most.
  const open = showsProperties(change) ? " open" : "";
  return `<details class="change"${open}><summary><span class="${style}">${symbolOf(op)} ${text(op)}</span><span class="type">${text(shortType(type))}</span><span class="name">${text(name)}${protect ? ' <span class="tag">protected</span>' : ""}${cause === "" ? "" : ` <span class="tag">${cause}</span>`}${release === "" ? "" : ` <span class="meta">${text(release)}</span>`}</span><span class="stack">${text(stack)}</span></summary><div class="body">${properties}<p class="meta">${address.filter((part) => part !== "").join(", ")}</p></div></details>`;
}

function value(shown: string | undefined): string {
  return shown === undefined ? "" : `<code>${text(shown)}</code>`;
}

function footer(set: ChangeSet): string {
  const stacks = set.stacks.map(({ stack, ok, counts: c }) => [
    text(stack) + (ok ? "" : ' <span class="tag">failed</span>'),
    c.deleted,
    c.replaced,
    c.changed,
    c.created,
    c.unchanged,
  ]);
  const types = set.types.map(({ type, counts: c }) => [
    text(shortType(type)),
    c.deleted,
    c.replaced,
    c.changed,
    c.created,
  ]);
  const head = ["delete", "replace", "change", "create"];
  const parts = [
    `<h2>By type</h2>${table("", ["type", ...head], types)}`,
    `<h2>By stack</h2>${table("", ["stack", ...head, "unchanged"], stacks)}`,
  ];
  if (set.unopened.length > 0) {
    const rows = set.unopened.map(({ stack, reason }) => [text(stack), text(reason)]);
    parts.push(`<h2>Not opened</h2>${table("", ["stack", "why"], rows)}`);
  }
  if (set.warnings.length > 0) {
    const rows = set.warnings.map(({ message, stacks }) => [text(message), stacks.length]);
    parts.push(`<h2>Warnings</h2>${table("", ["warning", "stacks"], rows)}`);
  }
  return parts.join("\n");
}

/** A table of cells that are HTML already; numbers to the right; the first cell heads its row. */
function table(caption: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return "";
  const numeric = head.map((_, column) => typeof rows[0]?.[column] === "number");
  const heads = head.map((name, column) => `<th scope="col"${numeric[column] ? ' class="n"' : ""}>${name}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, column) => {
      if (column === 0) return `<th scope="row">${cell}</th>`;
      return typeof cell === "number" ? `<td class="n">${cell}</td>` : `<td>${cell}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const above = caption === "" ? "" : `<caption>${caption}</caption>`;
  return `<div class="wrap"><table>${above}<thead><tr>${heads.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}
