import { Estate } from "../estate/estate.ts";
import { observed } from "../estate/observed.ts";
import { inOneStack, namesForCells, ownRows, spread } from "../estate/sites.ts";
import { atLeast, cpuOf, ratio } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** (a) The very same sites as one stack and as cells: the first update. */
export async function oneStackAgainstCells(sizes: Sizes, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const wanted = spread(sizes.sites, sizes.cells);
  const sites = ownRows(namesForCells(wanted));
  const first = async (variant: string, rows: typeof sites, cells: readonly string[]): Promise<Row> => {
    say(`first up of ${sizes.sites} sites as ${variant}`);
    const estate = await Estate.open(rows);
    try {
      const named = cells.flatMap((cell) => ["--cell", cell]);
      const labels = { variant, operation: "first up", sites: sizes.sites };
      const { row } = await observed(estate, labels, ["up", "--yes", ...named]);
      await estate.verify();
      return row;
    } finally {
      await estate.close();
    }
  };
  const { rows, cell } = inOneStack(sites);
  // The long one first: what Node compiles once after a change of the code weighs nothing there, and much in the other.
  const one = await first("one stack", rows, [cell]);
  const cells = await first(`${sizes.cells} cells`, sites, [...wanted.keys()]);
  return {
    rows: [one, cells],
    checks: [
      {
        claim: `first up of ${sizes.sites} sites: one stack against ${sizes.cells} cells, wall time`,
        value: ratio(one.cost.wall, cells.cost.wall),
        unit: "x",
        ...atLeast(6, sizes),
      },
      {
        claim: `first up of ${sizes.sites} sites: one stack against ${sizes.cells} cells, CPU time`,
        value: ratio(cpuOf(one), cpuOf(cells)),
        unit: "x",
      },
    ],
  };
}
