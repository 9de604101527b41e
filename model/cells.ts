import { createHash } from "node:crypto";

/**
 * Number of cells of an estate that declares none in estate.yaml. It stays what it is: estates from the time before that file have so
 * many, and another number would move nearly every site of theirs to another stack.
 */
export const DEFAULT_CELLS = 64;
/** Number of cells that a new estate is given where its owner asks for none. Measured with 1500 sites: docs/performance.md. */
export const NEW_CELLS = 32;
/** The largest number of cells: beyond it stacks are too small to be worth what each costs. */
export const MOST_CELLS = 256;
/** Up to so many cells their names have two digits. */
const TWO_DIGITS = 100;

/** The cell of the first production sites. */
export const CANARY = "canary";

/** Name of a cell: `canary`, else its number, e.g. `07`. */
export type CellName = string;

/** What decides a site's cell: nothing about any other site, so that no site ever moves because of another. */
export interface CellKey {
  readonly host: string;
  readonly tags: readonly string[];
}

/** Name of the cell with a number, from 0 on; as many digits as all cells of the estate have, so that names sort. */
const nameOf = (number: number, cells: number): CellName => String(number).padStart(cells <= TWO_DIGITS ? 2 : 3, "0");

/**
 * All cells: `canary` first (it is rolled out first), then `00` … `63`, of more than 100 cells `000` … `127`. Pure.
 *
 * @param cells number of cells, 1 to 256, without the canary
 */
export function cellNames(cells: number): CellName[] {
  return [CANARY, ...Array.from({ length: cells }, (_, index) => nameOf(index, cells))];
}

/**
 * The cell of a host: `canary` by tag, else the first four bytes of sha256(host), big-endian, modulo the number of cells. Pure. A site of
 * a catalog bears its cell already.
 *
 * @param cells number of cells, see {@link cellNames}
 */
export function cellOf(site: CellKey, cells: number): CellName {
  if (site.tags.includes(CANARY)) return CANARY;
  return nameOf(createHash("sha256").update(site.host).digest().readUInt32BE(0) % cells, cells);
}

/** Name of a cell's stack, e.g. `prod-cell-07`. */
export function stackOfCell(cell: CellName): string {
  return `prod-cell-${cell}`;
}

/** Name of the stack that holds a site. */
export function stackOf({ cell }: { readonly cell: CellName }): string {
  return stackOfCell(cell);
}

/** Sites by cell, the canary first, the others by number, sites in the order given. Cells without sites are left out. Pure. */
export function sitesByCell<T extends { readonly cell: CellName }>(sites: readonly T[]): Map<CellName, T[]> {
  const rank = (cell: CellName) => (cell === CANARY ? "" : cell);
  return new Map([...Map.groupBy(sites, ({ cell }) => cell)].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1)));
}
