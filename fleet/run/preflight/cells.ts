import { COMPONENT } from "../../../components/tokens.ts";
import { SitefleetError } from "../../../errors/index.ts";
import { CANARY, cellNames, cellOf, DEFAULT_CELLS, MOST_CELLS, stackOfCell } from "../../../model/index.ts";
import { nameOfUrn } from "../../../provider/framework/urn.ts";
import { stackKind } from "../../../stacks/names.ts";
import type { StateResource } from "../../backend/states/checkpoint.ts";

/** States that are read ahead of a run, beside those of stacks that are no cells any more. */
const SAMPLE = 3;
/** Sites that an error names. */
const EXAMPLES = 3;

/** A site that lies in another cell than the declared number of cells puts it into. */
export interface Misplaced {
  readonly host: string;
  /** The stack that it is in. */
  readonly stack: string;
}

/** Hosts of the sites that a state holds. Pure. */
const hostsIn = (resources: readonly StateResource[]): string[] =>
  resources.flatMap(({ urn, type, delete: gone }) => (type === COMPONENT.site && !gone ? [nameOfUrn(urn)] : []));

/**
 * Sites of a stack that no run with this number of cells can have put there: a cell follows from the host and the number alone, so they
 * show that the number is another one than the stack was made with. The canaries are anywhere. Pure.
 *
 * @param resources the stack's state
 * @param cells number of cells that is declared
 */
export function misplacedIn(stack: string, resources: readonly StateResource[], cells: number): Misplaced[] {
  const kind = stackKind(stack);
  if (kind?.kind !== "cell" || kind.cell === CANARY) return [];
  return hostsIn(resources)
    .filter((host) => stackOfCell(cellOf({ host, tags: [] }, cells)) !== stack)
    .map((host) => ({ host, stack }));
}

/** The number of cells that puts all of these sites where they are; of several the usual one, else undefined. Pure. */
function numberOf(misplaced: readonly Misplaced[]): number | undefined {
  const all = Array.from({ length: MOST_CELLS }, (_, index) => index + 1);
  const fitting = all.filter((cells) =>
    misplaced.every(({ host, stack }) => stackOfCell(cellOf({ host, tags: [] }, cells)) === stack),
  );
  return fitting.length === 1 ? fitting[0] : fitting.find((cells) => cells === DEFAULT_CELLS);
}

/**
 * Refuses a number of cells that would move sites from one stack to another: each would be deleted in the one and made anew in the other.
 *
 * @param misplaced what {@link misplacedIn} found; empty is well
 * @throws SitefleetError `cells.changed`
 */
export function refuseMoved(misplaced: readonly Misplaced[], cells: number): void {
  if (misplaced.length === 0) return;
  const was = numberOf(misplaced);
  throw new SitefleetError({
    code: "cells.changed",
    message: `the catalog has ${cells} cells, and the stacks were made with ${was ?? "another number"}; nothing was called or changed`,
    subject: "estate.yaml",
    details: misplaced.slice(0, EXAMPLES).map(({ host, stack }) => {
      const to = stackOfCell(cellOf({ host, tags: [] }, cells));
      return `${host} is in ${stack} and would be deleted there, and made anew in ${to}`;
    }),
    hint: hintOf(was),
  });
}

function hintOf(was: number | undefined): string {
  if (was === DEFAULT_CELLS) return `take \`cells\` out of estate.yaml, or write cells: ${DEFAULT_CELLS}`;
  const number = was === undefined ? "the number that it had" : `cells: ${was}`;
  return `write ${number} into estate.yaml again: an estate keeps its number (docs/reference/catalog.md)`;
}

/** What is known of a stack before it is read. */
export interface Candidate {
  readonly name: string;
  readonly resources: number;
}

/**
 * The stacks whose states tell the number of cells: those whose name is no cell of this number, of which one with a site is proof, and some
 * of the others. Where the number has changed nearly every site is in the wrong stack, so that few stacks tell it; an update looks at all
 * that it touches. Pure.
 *
 * @param opened stacks that are to be worked on; without a cell among them nothing is asked of the others
 */
export function tellingStacks(
  infos: Iterable<Candidate>,
  opened: readonly string[],
  cells: number,
): { readonly foreign: readonly string[]; readonly sample: readonly string[] } {
  const own = new Set(cellNames(cells).map(stackOfCell));
  const there = [...infos].filter(({ name, resources }) => resources > 0 && stackKind(name)?.kind === "cell");
  const foreign = there.flatMap(({ name }) => (own.has(name) ? [] : [name])).sort();
  own.delete(stackOfCell(CANARY));
  const touched = opened.filter((stack) => own.has(stack));
  const largest = there
    .filter(({ name }) => own.has(name))
    .sort((a, b) => b.resources - a.resources || (a.name < b.name ? -1 : 1));
  const among = largest.filter(({ name }) => touched.includes(name));
  // A cell that is new says nothing itself.
  const chosen = touched.length === 0 ? [] : among.length > 0 ? among.slice(0, SAMPLE) : largest.slice(0, 1);
  return { foreign, sample: chosen.map(({ name }) => name) };
}
