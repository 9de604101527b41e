import { cellNames, sitesByCell, stackOfCell } from "../model/cells.ts";
import type { Catalog } from "../model/index.ts";

/** Stack of what is shared: zones, shared projects, the GitHub environment. */
export const SHARED_STACK = "prod";
/** Stack of the services on the Plesk host. */
export const PLESK_STACK = "prod-plesk";

/** What a stack's name says it is. */
export type StackKind =
  | { readonly kind: "shared" }
  | { readonly kind: "plesk" }
  | { readonly kind: "cell"; readonly cell: string };

/** A cell of an estate of up to 256: how many an estate has is its catalog's. */
const CELL = /^prod-cell-(canary|\d\d|[01]\d\d|2[0-4]\d|25[0-5])$/;

/** Reads a stack's name; undefined when it is none of ours, whatever the number of cells. */
export function stackKind(name: string): StackKind | undefined {
  if (name === SHARED_STACK) return { kind: "shared" };
  if (name === PLESK_STACK) return { kind: "plesk" };
  const cell = CELL.exec(name)?.[1];
  return cell === undefined ? undefined : { kind: "cell", cell };
}

/** Whether a stack can be one of an estate with so many cells. Pure. */
export function isStackOf({ cells }: Pick<Catalog, "cells">, name: string): boolean {
  const kind = stackKind(name);
  return kind !== undefined && (kind.kind !== "cell" || cellNames(cells).includes(kind.cell));
}

/** The stacks a catalog needs, in the order they are brought up: shared things, the host, the canary cell, the others. */
export function stackNames(catalog: Catalog): string[] {
  const cells = [...sitesByCell(catalog.sites).keys()];
  return [
    SHARED_STACK,
    ...(catalog.services.length > 0 ? [PLESK_STACK] : []),
    ...cells.map((cell) => stackOfCell(cell)),
  ];
}
