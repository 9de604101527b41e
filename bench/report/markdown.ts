import { isMet, memoryOf } from "../measure/ratios.ts";
import { type Check, PARTS, type PartResult, type Results, type Row, type TypeCalls } from "../types.ts";

/** Between these lines of docs/performance.md everything is written by the bench. */
export const BEGIN = "<!-- bench: written by `npm run bench` -->";
export const END = "<!-- /bench -->";

/** Puts the text between the markers. Pure. @throws Error when the page lacks them */
export function replaceBetween(page: string, text: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page lacks ${BEGIN} … ${END}`);
  return `${page.slice(0, from)}${BEGIN}\n\n${text.trim()}\n\n${page.slice(to)}`;
}

/** A Markdown table; pipes in cells are escaped. Pure. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** All results as Markdown: targets first, then what was measured. Pure. */
export function renderResults(results: Results): string {
  const parts = PARTS.flatMap((name) => {
    const part = results.parts[name];
    return part === undefined ? [] : [[name, part] as const];
  });
  const checks = parts.flatMap(([name, part]) => part.checks.map((check) => [name, check] as const));
  const promised = checks.filter(([, { target }]) => target !== undefined);
  const others = checks.filter(([, { target }]) => target === undefined);
  return [
    "### Targets",
    table(
      ["", "what", "target", "measured", "met"],
      promised.map(([name, check]) => targetCells(name, check)),
    ),
    "### Without a target",
    table(
      ["", "what", "measured"],
      others.map(([name, check]) => [name, withNote(check), amount(check, check.value)]),
    ),
    "### What was measured",
    table(
      ROW_HEAD,
      parts.flatMap(([name, part]) => part.rows.map((row) => rowCells(name, row))),
    ),
    ...parts.flatMap(([, { calls }]) => (calls ? ["### Writes of a first up by type", callTable(calls)] : [])),
    "### When and where",
    table(
      ["", "measured", "commit", "machine", "taken by others meanwhile"],
      parts.map(([name, part]) => origin(name, part)),
    ),
  ].join("\n\n");
}

function targetCells(name: string, check: Check): string[] {
  const { target } = check;
  const wanted = target === undefined ? "" : `${target.is} ${amount(check, target.value)}`;
  return [name, withNote(check), wanted, amount(check, check.value), isMet(check) ? "yes" : "**no**"];
}

const withNote = ({ claim, note }: Check) => (note === undefined ? claim : `${claim} (${note})`);

/** A figure in its unit, e.g. `6.2 x`, `4.1 s`. Pure. */
export function amount({ unit }: Pick<Check, "unit">, value: number): string {
  if (!Number.isFinite(value)) throw new RangeError("a figure that is no number");
  return unit === "calls" ? String(value) : `${value} ${unit}`;
}

const ROW_HEAD = [
  "",
  "operation",
  "with",
  "sites",
  "stacks",
  "wall s",
  "CPU s",
  "providers' CPU s",
  "MiB",
  "created",
  "writes",
  "reads",
];

function rowCells(name: string, row: Row): (string | number)[] {
  const { variant, operation, sites, stacks, cost, created = "", writes = "", reads = "" } = row;
  const { wall, cpu, providers } = cost;
  return [name, operation, variant, sites, stacks, wall, cpu, providers, memoryOf(row), created, writes, reads];
}

function callTable(calls: readonly TypeCalls[]): string {
  const line = ({ type, created, writes, least, note = "" }: TypeCalls) => [
    `\`${type}\``,
    created,
    writes,
    least,
    note,
  ];
  return table(["type", "created", "writes", "least", ""], calls.map(line));
}

function origin(name: string, { measuredAt, commit, machine, rows }: PartResult): string[] {
  const weight = rows.reduce((sum, { cost }) => sum + cost.wall, 0);
  const foreign = rows.reduce((sum, { cost }) => sum + cost.foreign * cost.wall, 0);
  const share = weight === 0 ? "" : `${Math.round((foreign / weight) * 100)} % of the processors`;
  return [name, measuredAt.slice(0, 16).replace("T", " "), commit, machine, share];
}
