import type { StateResource } from "../../backend/states/checkpoint.ts";
import { type Candidate, misplacedIn, refuseMoved, tellingStacks } from "./cells.ts";
import { resourcesOf } from "./resources.ts";

/**
 * Refuses a catalog whose number of cells is not the one that the stacks were made with, by what their states hold: an early word, before
 * anything is previewed. Reads few states.
 *
 * @param infos the stacks that there are
 * @param opened those that are to be worked on
 * @param cells number of cells that is declared
 * @param read a stack's state. @default from the backend
 * @throws SitefleetError `cells.changed`, `store.unreachable`
 */
export async function requireSameCells(
  infos: Iterable<Candidate>,
  opened: readonly string[],
  cells: number,
  read: (stack: string) => Promise<readonly StateResource[]> = resourcesOf,
): Promise<void> {
  const { foreign, sample } = tellingStacks(infos, opened, cells);
  const look = async (stack: string) => misplacedIn(stack, await read(stack), cells);
  refuseMoved((await Promise.all(sample.map(look))).flat(), cells);
  // Emptied ones are left to be removed.
  for (const stack of foreign) refuseMoved(await look(stack), cells);
}
