import type { ChangeSet, Group } from "../shape.ts";
import { type Folded, folded, foldedText, saidAbove, serviceText } from "./folded.ts";
import {
  causeText,
  cautions,
  costLines,
  headline,
  NOTES,
  plural,
  printable,
  propertyText,
  releaseText,
  restByType,
  shortened,
  shortType,
  showsProperties,
  symbolOf,
  TITLES,
  undoLines,
} from "./words.ts";

/** Longest text, characters: a comment on GitHub takes 65,536, and something may be put around it. */
export const MARKDOWN_LIMIT = 64_000;
/** Room that every later group keeps, characters. */
const RESERVE = 1_500;
/** Rows of a table in the summary: it must fit whatever the size of the set. */
const ROWS = 30;
/** Longest cell, name or message in the summary, characters. */
const CELL = 120;

/** Groups that a reviewer must have seen. */
const URGENT: ReadonlySet<string> = new Set(["delete", "replace", "protection", "apex"]);

/** Options of {@link renderMarkdown}. */
export interface MarkdownOptions {
  /** Where the full document is: a URL, or the name of a file of the run's artifacts. */
  readonly full?: string;
}

/**
 * The change set as a comment on a pull request: the summary in full, then every group folded, as much of each as fits.
 * Under {@link MARKDOWN_LIMIT} characters for any change set; what is left out is counted by type. Pure.
 */
export function renderMarkdown(set: ChangeSet, { full }: MarkdownOptions = {}): string {
  const pointer = full === undefined ? "`sitefleet preview --out changes.html`" : pointerTo(full);
  const foot = `\n<sub>Full change set: ${pointer}</sub>\n`;
  let text = `${summary(set)}\n`;
  const blocks = [
    ...set.groups.map(({ group }) => group),
    ...(set.notes ? (["notes"] as const) : []),
    ...(set.warnings.length > 0 ? (["warnings"] as const) : []),
    "stacks" as const,
  ];
  blocks.forEach((block, index) => {
    const left = MARKDOWN_LIMIT - text.length - foot.length - (blocks.length - index - 1) * RESERVE;
    // What can hurt takes all the room it needs; of the others none takes more than half of what is left.
    const room = URGENT.has(block) || index === blocks.length - 1 ? left : Math.max(RESERVE, Math.floor(left / 2));
    text += fold(linesOf(set, block), room);
  });
  return text + foot;
}

/** What one fold holds. `rest` says what the lines from `index` on are. */
interface Fold {
  readonly title: string;
  readonly open: boolean;
  readonly items: readonly string[];
  /** Items there are; `items` may hold fewer when no more can fit. */
  readonly total: number;
  rest(index: number): string;
}

function linesOf(set: ChangeSet, block: Group | "notes" | "warnings" | "stacks"): Fold {
  if (block === "notes") {
    const { notes = [] } = set;
    const items = notes.map(({ subject, level, text }) => {
      const lines = text.split("\n").map((line) => shortened(printable(line), 400));
      return `${level === "warning" ? "! " : "  "}${shortened(printable(subject), CELL)}: ${lines.join("\n  ")}`;
    });
    return {
      title: `${NOTES} (${items.length})`,
      open: true,
      items,
      total: items.length,
      rest: (index) => `… and ${plural(items.length - index, "more service")}`,
    };
  }
  if (block === "warnings") {
    const items = set.warnings.map(
      ({ message, stacks }) => `${shortened(printable(message), 400)} (${plural(stacks.length, "stack")})`,
    );
    return {
      title: `Warnings (${items.length})`,
      open: false,
      items,
      total: items.length,
      rest: (index) => `… and ${items.length - index} more`,
    };
  }
  if (block === "stacks") {
    const touched = set.stacks.filter(({ ok, counts: c }) => !ok || c.created + c.changed + c.replaced + c.deleted > 0);
    const items = touched.map(
      ({ stack, ok, counts: c }) =>
        `${ok ? "  " : "! "}${shortened(printable(stack), CELL)}: ${ok ? "" : "FAILED, "}${c.created} create, ${c.changed} change, ${c.replaced} replace, ${c.deleted} delete, ${c.unchanged} unchanged`,
    );
    return {
      title: `By stack (${items.length})`,
      open: false,
      items,
      total: items.length,
      rest: (index) => `… and ${plural(items.length - index, "more stack")}`,
    };
  }
  const changes = set.changes.filter(({ group }) => group === block);
  // A reviewer must see each name of what is deleted or replaced; of the rest equal changes are one line.
  const entries = URGENT.has(block) ? changes.map((change): Folded => ({ change, all: [change] })) : folded(changes);
  // Details of a fleet are as long as the fleet: only what can fit is written.
  const items = entries.slice(0, 2_000).map((entry) => entryText(entry, set));
  return {
    title: `${TITLES[block]} (${changes.length})`,
    open: URGENT.has(block),
    items,
    total: entries.length,
    rest: (index) => `… and ${restByType(entries.slice(index).flatMap(({ all }) => all))}`,
  };
}

/** A fold of at most `room` characters: its title and the count of what is left out always fit into the reserve. */
function fold({ title, open, items, total, rest }: Fold, room: number): string {
  if (items.length === 0) return "";
  const longest = items.reduce(
    (most, item) => Math.max(most, ...[...item.matchAll(/`+/g)].map(([run]) => run.length)),
    2,
  );
  // A value full of backticks must not close the block; one with more of them than that is written with others.
  const fence = "`".repeat(Math.min(longest + 1, 12));
  const clean = (item: string) => item.replaceAll(fence, (run) => "ˋ".repeat(run.length));
  const head = `\n<details${open && items.length <= 50 ? " open" : ""}><summary>${title}</summary>\n\n${fence}diff\n`;
  const tail = `${fence}\n\n</details>\n`;
  let body = "";
  let index = 0;
  // The longest possible count: 6 types of at most 60 characters and their numbers.
  const note = 500;
  for (; index < items.length; index++) {
    const item = `${clean(items[index] ?? "")}\n`;
    if (head.length + body.length + item.length + note + tail.length > room) break;
    body += item;
  }
  if (index < total) body += `${clean(rest(index))}\n`;
  return `${head}${body}${tail}`;
}

/** One change, or equal ones, and, where they matter, its properties; the first character colours a diff block. */
function entryText(entry: Folded, set: ChangeSet): string {
  const { change } = entry;
  const { op, type, name, stack, protect, diffs } = change;
  const many = entry.all.length > 1;
  const cause = causeText(change);
  const colour = { "-": "-", "±": "!", "~": "!", "+": "+" }[symbolOf(op)] ?? " ";
  const release = releaseText(change);
  const service = serviceText(change, set);
  const brings = service === undefined ? "" : `: ${shortened(printable(service), 300)}`;
  const what = many
    ? foldedText(entry)
    : `${op} ${shortType(type)} ${shortened(printable(name), 300)}${release === "" ? "" : ` ${release}`}${brings}  (${stack})`;
  const head = `${colour} ${what}${protect ? "  PROTECTED" : ""}${cause === "" ? "" : `  [${cause}]`}`;
  const told = showsProperties(change) ? diffs.filter((diff) => !saidAbove(entry, diff, service)) : [];
  const properties = told.slice(0, 12).map((diff) => `      ${propertyText(diff)}`);
  const rest = told.length - properties.length;
  return [
    head,
    ...properties,
    ...(rest > 0 ? [`      … and ${plural(rest, "more property", "more properties")}`] : []),
  ].join("\n");
}

/** The part that is never cut; bounded by its tables' rows and cells. */
function summary(set: ChangeSet): string {
  const title = set.target === undefined ? "Change set" : `Change set for ${code(set.target)}`;
  const parts = [`## ${title}\n\n**${headline(set)}**`, `digest \`${set.digest}\``];
  const notes = cautions(set);
  if (notes.length > 0) parts.push(`> [!WARNING]\n${notes.map((note) => `> ${note}`).join("\n")}`);
  const undo = [...undoLines(set), ...costLines(set)];
  if (undo.length > 0) parts.push(undo.map((line) => `- ${shortened(line, 400)}`).join("\n"));
  if (set.errors.length > 0) {
    const rows = set.errors
      .slice(0, 10)
      .map(({ message, stacks }) => `- ${code(listed(stacks))}: ${code(message, 400)}`);
    if (set.errors.length > rows.length) rows.push(`- and ${set.errors.length - rows.length} more errors`);
    parts.push(rows.join("\n"));
  }
  if (set.groups.length > 0) {
    const rows = set.groups.map(({ group, changes }) => `| ${TITLES[group]} | ${changes} |`);
    parts.push(["| what, worst first | changes |", "|---|--:|", ...rows].join("\n"));
  }
  if (set.types.length > 0) {
    const rows = set.types
      .slice(0, ROWS)
      .map(
        ({ type, counts: c }) =>
          `| ${code(shortType(type))} | ${c.created} | ${c.changed} | ${c.replaced} | ${c.deleted} |`,
      );
    const rest = set.types.slice(ROWS).map(({ counts }) => counts);
    const sum = (key: keyof (typeof rest)[number]) => rest.reduce((total, counts) => total + counts[key], 0);
    if (rest.length > 0)
      rows.push(
        `| ${rest.length} other types | ${sum("created")} | ${sum("changed")} | ${sum("replaced")} | ${sum("deleted")} |`,
      );
    parts.push(["| type | create | change | replace | delete |", "|---|--:|--:|--:|--:|", ...rows].join("\n"));
  }
  const planned = set.unopened.filter((one) => one.planned).length;
  if (planned > 0) parts.push(`${plural(planned, "stack")} not opened: nothing declared has changed.`);
  return parts.join("\n\n");
}

function listed(stacks: readonly string[]): string {
  const more = stacks.length - 3;
  return stacks.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Text as code: nothing in it is markup, a mention or a reference. */
function code(text: string, length = CELL): string {
  return `\`${shortened(printable(text), length).replaceAll("`", "ˋ").replaceAll("|", "\\|")}\``;
}

function pointerTo(full: string): string {
  const text = shortened(full, 500);
  return /^https:\/\/[^\s<>()`]+$/.test(text) ? `<${text}>` : code(text, 500);
}
