import { CANARY, sitesByCell, stackOfCell } from "../model/cells.ts";
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

/** Reads a stack's name; undefined when it is none of ours. */
export function stackKind(name: string): StackKind | undefined {
  if (name === SHARED_STACK) return { kind: "shared" };
  if (name === PLESK_STACK) return { kind: "plesk" };
  const cell = /^prod-cell-(canary|[0-5][0-9]|6[0-3])$/.exec(name)?.[1];
  return cell === undefined ? undefined : { kind: "cell", cell };
}

/** The stacks a catalog needs, in the order they are brought up: shared things, the host, the canary cell, the others. */
export function stackNames(catalog: Catalog): string[] {
  const cells = [...sitesByCell(catalog.sites).keys()].sort((a, b) =>
    a === CANARY ? -1 : b === CANARY ? 1 : a < b ? -1 : 1,
  );
  return [
    SHARED_STACK,
    ...(catalog.services.length > 0 ? [PLESK_STACK] : []),
    ...cells.map((cell) => stackOfCell(cell)),
  ];
}
