import { createHash } from "node:crypto";

/** Number of cells that sites are hashed into. Set once: changing it moves nearly every site to another stack. */
export const CELL_COUNT = 64;

/** The cell of the first production sites. */
export const CANARY = "canary";

/** Name of a cell: `canary`, `00` … `63`. */
export type CellName = string;

/** What decides a site's cell: nothing about any other site, so that no site ever moves because of another. */
export interface CellKey {
  readonly host: string;
  readonly tags: readonly string[];
}

/** All cells: `canary` first (it is rolled out first), then `00` … `63`. */
export function cellNames(): CellName[] {
  return [CANARY, ...Array.from({ length: CELL_COUNT }, (_, index) => String(index).padStart(2, "0"))];
}

/** The site's cell: `canary` by tag, else the first four bytes of sha256(host), big-endian, modulo 64. */
export function cellOf(site: CellKey): CellName {
  if (site.tags.includes(CANARY)) return CANARY;
  const number = createHash("sha256").update(site.host).digest().readUInt32BE(0) % CELL_COUNT;
  return String(number).padStart(2, "0");
}

/** Name of a cell's stack, e.g. `prod-cell-07`. */
export function stackOfCell(cell: CellName): string {
  return `prod-cell-${cell}`;
}

/** Name of the stack that holds a site. */
export function stackOf(site: CellKey): string {
  return stackOfCell(cellOf(site));
}

/** Sites by cell, cells in the order of {@link cellNames}, sites in the order given. Cells without sites are left out. */
export function sitesByCell<T extends CellKey>(sites: readonly T[]): Map<CellName, T[]> {
  const filled = new Map<CellName, T[]>();
  for (const site of sites) {
    const cell = cellOf(site);
    const list = filled.get(cell);
    if (list) list.push(site);
    else filled.set(cell, [site]);
  }
  return new Map(cellNames().flatMap((cell) => (filled.has(cell) ? [[cell, filled.get(cell) ?? []] as const] : [])));
}
