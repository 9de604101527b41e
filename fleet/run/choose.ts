import { SitefleetError } from "../../errors/index.ts";
import { type Catalog, sitesByCell, stackOfCell } from "../../model/index.ts";
import { isStackOf, PLESK_STACK, SHARED_STACK, stackKind, stackNames } from "../../stacks/names.ts";

/** The stacks of a run, and which of them the catalog has emptied. */
export interface Choice {
  /** In the order they are to start: the shared stack, the host (its services take longest), then cells, the largest first. */
  readonly stacks: readonly string[];
  /** A cell that lost its last site: it is opened once more to delete its resources, then removed. */
  readonly retired: ReadonlySet<string>;
}

/**
 * All stacks of the catalog and those that it has emptied, or only the named ones. Exceptions are left out. Pure.
 *
 * @throws SitefleetError `stack.unknown`
 */
export function chooseStacks(
  catalog: Catalog,
  existing: ReadonlySet<string>,
  named: readonly string[] = [],
  except: readonly string[] = [],
): Choice {
  const wanted = stackNames(catalog);
  const emptied = [...existing].filter((name) => stackKind(name) !== undefined && !wanted.includes(name)).sort();
  const all = largestFirst(catalog, [...wanted, ...emptied]);
  for (const name of [...named, ...except]) {
    // What is not there can be left out: a timer says so whatever the catalog has today.
    if (all.includes(name) || (isStackOf(catalog, name) && !named.includes(name))) continue;
    throw new SitefleetError({
      code: "stack.unknown",
      message: `${name} is not a stack that this catalog needs`,
      hint: "sitefleet cells lists the cells; prod and prod-plesk are the other two",
    });
  }
  const chosen = named.length === 0 ? all : all.filter((name) => named.includes(name));
  const stacks = chosen.filter((name) => !except.includes(name));
  return { stacks, retired: new Set(emptied) };
}

/** With the largest first, no large stack starts when all others are done. Pure. */
function largestFirst(catalog: Catalog, stacks: readonly string[]): string[] {
  const sizes = new Map([...sitesByCell(catalog.sites)].map(([cell, sites]) => [stackOfCell(cell), sites.length]));
  const rank = (stack: string) => {
    if (stack === SHARED_STACK) return Number.POSITIVE_INFINITY;
    return stack === PLESK_STACK ? Number.MAX_SAFE_INTEGER : (sizes.get(stack) ?? 0);
  };
  return [...stacks].sort((a, b) => rank(b) - rank(a) || (a < b ? -1 : 1));
}
