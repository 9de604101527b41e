import { CANARY, cellNames, cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { type SampleRow, sampleSites } from "../../model/sample/sites.ts";

/** Zone of the made-up hosts; one of the catalog's. */
const ZONE = "qmoney.de";
/** Sites of one repository: well under Vercel's limit on linked projects. */
const SITES_A_REPOSITORY = 100;

/**
 * Names whose hosts fall into exactly these cells, as many in each as asked for. Cells follow from the host's hash alone,
 * so names are tried one after the other until all places are taken. Pure and the same every time.
 *
 * @param wanted sites by cell, e.g. `{ "07": 300 }`
 */
export function namesForCells(wanted: ReadonlyMap<string, number>, zone = ZONE): string[] {
  const left = new Map(wanted);
  const names: string[] = [];
  const total = [...wanted.values()].reduce((sum, count) => sum + count, 0);
  for (let number = 1; names.length < total; number++) {
    const name = `site-${String(number).padStart(5, "0")}`;
    const cell = cellOf({ host: `${name}.${zone}`, tags: [] }, DEFAULT_CELLS);
    const places = left.get(cell) ?? 0;
    if (places === 0) continue;
    left.set(cell, places - 1);
    names.push(name);
  }
  return names;
}

/** Spreads sites over the first `cells` cells other than the canary, as evenly as it goes. Pure. */
export function spread(sites: number, cells: number): Map<string, number> {
  const names = cellNames(DEFAULT_CELLS).filter((cell) => cell !== CANARY);
  if (cells > names.length) throw new RangeError(`there are ${names.length} cells, not ${cells}`);
  return new Map(names.slice(0, cells).map((cell, index) => [cell, Math.floor((sites + index) / cells)]));
}

/** Sites with a project of their own, which is the dearer kind: three resources and a component each. */
export function ownRows(names: readonly string[]): SampleRow[] {
  return names.map((name, index) => ({
    name,
    zone: ZONE,
    project: "own",
    repository: `acme/sites-${String(Math.floor(index / SITES_A_REPOSITORY) + 1).padStart(2, "0")}`,
    root_directory: `sites/${name}`,
    framework: "nextjs",
    channel: "stable",
    tags: "",
  }));
}

/** Names that spread over the cells as any fleet's do: by their hash. Pure. */
export function plainNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `site-${String(index + 1).padStart(5, "0")}`);
}

/** `count` of the sites, evenly taken from all of them. Pure. */
export function everyNth<Item>(items: readonly Item[], count: number): Item[] {
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as Item);
}

/** The same sites, all in the one cell that sites are put into by a tag. Pure. */
export function inOneStack(rows: readonly SampleRow[]): { rows: SampleRow[]; cell: string } {
  return { rows: rows.map((row) => ({ ...row, tags: CANARY })), cell: CANARY };
}

/** Changes one thing about `count` sites with a project of their own, each in another of the estate's cells. Pure. */
export function changeSome(rows: readonly SampleRow[], count: number, number = DEFAULT_CELLS): SampleRow[] {
  const cells = new Set<string>();
  return rows.map((row) => {
    const cell = cellOf({ host: hostOf(row), tags: row.tags.split(";") }, number);
    if (cells.size >= count || cells.has(cell) || row.project !== "own" || cell === CANARY) return row;
    cells.add(cell);
    return { ...row, root_directory: `${row.root_directory}/next` };
  });
}

/** The host as the catalog makes it, for names that need no punycode. */
export const hostOf = ({ name, zone }: SampleRow) => new URL(`http://${name}.${zone}`).hostname;

export { type SampleRow, sampleSites };
