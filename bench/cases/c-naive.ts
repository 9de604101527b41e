import { stackOfCell } from "../../model/index.ts";
import { Estate } from "../estate/estate.ts";
import { observed } from "../estate/observed.ts";
import { namesForCells, ownRows, spread } from "../estate/sites.ts";
import { atLeast, cpuOf, ratio } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** Stacks at once on the naive side; ours chooses by itself (3 on 2 processors). */
const AT_ONCE = 3;

/** (c) The same cells run as one would at first, and by us. */
export async function naiveAgainstOurs(sizes: Sizes, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const wanted = spread(sizes.sites, sizes.cells);
  const sites = ownRows(namesForCells(wanted));
  const cells = [...wanted.keys()];
  const rows: Row[] = [];
  for (const run of [ours, naive]) {
    const estate = await Estate.open(sites);
    try {
      rows.push(...(await run(estate, cells, sizes.sites, say)));
      await estate.verify();
    } finally {
      await estate.close();
    }
  }
  const compare = (operation: string, least: number): Check[] => {
    const [mine, theirs] = ["ours", "naive"].map((variant) =>
      rows.find((row) => row.variant === variant && row.operation === operation),
    );
    if (mine === undefined || theirs === undefined) return [];
    const claim = `${operation} of ${sizes.sites} sites in ${sizes.cells} cells: naive against ours`;
    return [
      {
        claim: `${claim}, CPU time`,
        value: ratio(cpuOf(theirs), cpuOf(mine)),
        unit: "x",
        ...atLeast(least, sizes),
        note: "with the providers' CPU time on both sides",
      },
      { claim: `${claim}, wall time`, value: ratio(theirs.cost.wall, mine.cost.wall), unit: "x" },
    ];
  };
  return { rows, checks: [...compare("first up", 2.5), ...compare("preview of all", 3)] };
}

async function ours(estate: Estate, cells: readonly string[], sites: number, say: Say): Promise<Row[]> {
  const named = cells.flatMap((cell) => ["--cell", cell]);
  say(`first up of ${sites} sites in ${cells.length} cells, ours`);
  const up = await observed(estate, { variant: "ours", operation: "first up", sites }, ["up", "--yes", ...named]);
  say(`preview of all ${sites} sites, ours`);
  const labels = { variant: "ours", operation: "preview of all", sites };
  const preview = await observed(estate, labels, ["preview", "--all", ...named]);
  return [up.row, preview.row];
}

/** Its own Node and provider processes for each stack, plugins from PATH, nothing compiled beforehand. */
async function naive(estate: Estate, cells: readonly string[], sites: number, say: Say): Promise<Row[]> {
  const { PULUMI_DEBUG_PROVIDERS: _attached, NODE_COMPILE_CACHE: _compiled, ...rest } = estate.environment();
  const env = { ...rest, NODE_DISABLE_COMPILE_CACHE: "1" };
  const stacks = cells.map(stackOfCell);
  const run = async (operation: string, verb: string): Promise<Row> => {
    say(`${operation} of ${sites} sites in ${cells.length} cells, naive`);
    await estate.requests();
    const args = ["bench/naive/main.ts", verb, String(AT_ONCE), ...stacks];
    const { stdout: _, ...cost } = await estate.measured(process.execPath, args, env);
    const { reads, writes } = await estate.requests();
    return { variant: "naive", operation, sites, stacks: stacks.length, cost, reads, writes };
  };
  return [await run("first up", "up"), await run("preview of all", "preview")];
}
