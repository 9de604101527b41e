import type { ChangeSet, Note } from "../shape.ts";
import { type Folded, folded, foldedLine, saidAbove, serviceText } from "./folded.ts";
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
  shortType,
  showsProperties,
  symbolOf,
  TITLES,
  undoLines,
} from "./words.ts";

/** Colour functions, e.g. picocolors'; on anything but a terminal they return their text. */
type Colours = Record<"bold" | "dim" | "red" | "green" | "yellow" | "magenta", (text: string) => string>;

/** Options of {@link renderTerminal}. */
export interface TerminalOptions {
  readonly colours: Colours;
  /** Changes shown of a group. @default 15 */
  readonly perGroup?: number;
  /** Where the full document is; named where something is left out. @default how to make one */
  readonly full?: string;
}

/** Properties shown of a change. */
const PROPERTIES = 8;

/** The change set for a terminal: what can hurt first, a bounded number a group, the figures last. Pure. */
export function renderTerminal(set: ChangeSet, options: TerminalOptions): string {
  const { colours, perGroup = 15 } = options;
  const full = options.full ?? "sitefleet preview --out changes.html";
  const parts = set.groups.map(({ group, changes }) => {
    const all = set.changes.filter((change) => change.group === group);
    // Groupings are counted, never told: what they hold stands above.
    const entries = group === "grouping" ? [] : folded(all);
    const shown = entries.slice(0, perGroup);
    const told = new Set(shown.flatMap((entry) => entry.all));
    const rest = all.filter((change) => !told.has(change));
    return [
      `${colours.bold(TITLES[group])} ${colours.dim(`(${changes})`)}`,
      ...shown.flatMap((entry) => entryLines(entry, set, colours, full)),
      ...(rest.length > 0 ? [colours.dim(`  … ${shown.length > 0 ? "and " : ""}${restByType(rest)}: ${full}`)] : []),
    ].join("\n");
  });
  if (set.notes) parts.push([colours.bold(NOTES), ...set.notes.flatMap((note) => noteLines(note, colours))].join("\n"));
  for (const { message, stacks } of set.errors) {
    parts.push(`${colours.red(`failed: ${listed(stacks)}`)}\n  ${message.split("\n").map(printable).join("\n  ")}`);
  }
  const missed = set.unopened.filter(({ planned }) => !planned);
  for (const reason of new Set(missed.map(({ reason }) => reason))) {
    const stacks = missed.filter((one) => one.reason === reason).map(({ stack }) => stack);
    parts.push(colours.yellow(`not started (${printable(reason)}): ${listed(stacks)}`));
  }
  const unopened = set.unopened.length - missed.length;
  const foot = [
    ...(set.warnings.length > 0 ? [`${plural(set.warnings.length, "warning")}: ${full}`] : []),
    ...cautions(set).map((line) => colours.yellow(line)),
    ...undoLines(set),
    ...costLines(set),
    colours.bold(headline(set)),
    ...(unopened > 0 ? [`${plural(unopened, "stack")} not opened: nothing declared has changed`] : []),
    colours.dim(`digest ${set.digest}`),
  ];
  return [...parts, foot.join("\n")].join("\n\n");
}

function entryLines(entry: Folded, set: ChangeSet, colours: Colours, full: string): string[] {
  const { change } = entry;
  const { op, type, name, stack, protect, diffs } = change;
  const paint = { "-": colours.red, "±": colours.magenta, "+": colours.green, "~": colours.yellow }[symbolOf(op)];
  const many = entry.all.length > 1;
  const release = releaseText(change);
  const service = serviceText(change, set);
  const head = many
    ? foldedLine(entry)
    : `${symbolOf(op)} ${op} ${shortType(type)} ${printable(name)}${release === "" ? "" : ` ${release}`}`;
  const brings = many || service === undefined ? "" : `: ${printable(service)}`;
  const cause = causeText(change);
  const note = `${protect ? colours.red(" protected") : ""}${cause === "" ? "" : colours.magenta(` ${cause}`)}`;
  const told = showsProperties(change) ? diffs.filter((diff) => !saidAbove(entry, diff, service)) : [];
  const shown = told.slice(0, PROPERTIES);
  const rest = told.length - shown.length;
  const where = ` ${colours.dim(many ? `(${full})` : stack)}`;
  return [
    `  ${paint?.(head) ?? head}${brings}${where}${note}`,
    ...shown.map((diff) => `      ${propertyText(diff)}`),
    ...(rest > 0 ? [colours.dim(`      … and ${plural(rest, "more property", "more properties")}`)] : []),
  ];
}

function noteLines({ subject, level, text }: Note, colours: Colours): string[] {
  const [head = "", ...rest] = text.split("\n").map(printable);
  const name = level === "warning" ? colours.yellow(`! ${printable(subject)}`) : `  ${printable(subject)}`;
  return [`${name}: ${head}`, ...rest.map((line) => `    ${line.trim()}`)];
}

/** Names, at most ten of them. */
function listed(stacks: readonly string[]): string {
  const more = stacks.length - 10;
  return stacks.slice(0, 10).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
