import { namesForCells, ownRows, type SampleRow, sampleSites, spread } from "../estate/sites.ts";
import { findPrograms, type Programs } from "../tofu/find.ts";
import { type Killed, killHalfWay } from "../tofu/kill.ts";
import { objectsAt } from "../tofu/said.ts";
import { OPERATIONS, openSide, VARIANTS, type Variant, vercelOf } from "../tofu/sides.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";
import { comparisons, killChecks } from "./n-checks.ts";

/** A fleet under this has its sites in three cells, so that there is more than one in each. */
const SMALL = 100;
/** The largest fleet that is killed half way. */
const MOST_KILLED = 300;

/**
 * (n) The same sites by us and by OpenTofu, with the real providers on both sides; undefined where those are not to be had.
 *
 * @param earlier rows of the same code at other sizes, which stay
 * @param save called after each variant of a size, so that a run that is stopped has not been for nothing
 */
export async function besideTofu(
  sizes: Sizes,
  say: Say,
  earlier: readonly Row[],
  save: (outcome: { rows: Row[]; checks: Check[] }) => void,
) {
  const programs = findPrograms(process.env);
  if (typeof programs === "string") {
    say(`(n) is skipped: ${programs}`);
    return undefined;
  }
  let rows = earlier.filter(({ sites }) => !sizes.tofu.includes(sites));
  let killed: Check[] = [];
  const outcome = () => ({ rows, checks: [...comparisons(rows), ...killed] });
  for (const [index, count] of sizes.tofu.entries()) {
    const objects = new Map<Variant, number>();
    for (const variant of VARIANTS) {
      const done = await oneVariant(variant, fleetRows(count), programs, say);
      rows = [...rows, ...done.rows];
      objects.set(variant, done.objects);
      save(outcome());
    }
    // Half way is half way: a larger fleet would show the same, for an hour longer.
    if (index > 0 || count > MOST_KILLED) continue;
    for (const variant of VARIANTS.filter((one) => one !== "ours, 64 cells")) {
      const found = await oneKill(variant, fleetRows(count), programs, objects.get(variant) ?? 0, say);
      rows = [...rows, found.row];
      killed = [...killed, ...killChecks(variant, found)];
      save(outcome());
    }
  }
  return outcome();
}

const fleetRows = (count: number): SampleRow[] =>
  count < SMALL ? ownRows(namesForCells(spread(count, 3))) : sampleSites(count);

async function oneVariant(variant: Variant, sites: readonly SampleRow[], programs: Programs, say: Say) {
  say(`${variant}: preparing ${sites.length} sites`);
  const side = await openSide(variant, sites, programs);
  try {
    const rows: Row[] = [];
    const before = objectsAt(await vercelOf(side.estate)).length;
    for (const operation of OPERATIONS) {
      say(`${variant}: ${operation} of ${sites.length} sites`);
      rows.push(await side.run(operation));
    }
    return { rows, objects: objectsAt(await vercelOf(side.estate)).length - before };
  } finally {
    await side.close();
  }
}

async function oneKill(
  variant: Variant,
  sites: readonly SampleRow[],
  programs: Programs,
  objects: number,
  say: Say,
): Promise<Killed> {
  say(`${variant}: kill -9 half way of a first up of ${sites.length} sites`);
  const side = await openSide(variant, sites, programs);
  try {
    const found = await killHalfWay(side, objects);
    if (found.said !== undefined) say(`${variant}: did not go on: ${found.said.slice(-500)}`);
    return found;
  } finally {
    await side.close();
  }
}
