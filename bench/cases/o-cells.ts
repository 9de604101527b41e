import { z } from "zod";
import { NEW_CELLS } from "../../model/index.ts";
import { Estate } from "../estate/estate.ts";
import { changeSome, everyNth, hostOf, type SampleRow, sampleSites } from "../estate/sites.ts";
import { cpuOf, ratio, round } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";

/** Sites that are changed, each in another cell. */
const CHANGED = 3;
/** Sites that go back. */
const BACK = 100;
/** Services are the same whatever the number, and take their time. */
const SITES_ONLY = ["--except", "prod-plesk"];

const ALL = "preview --all";
/** What is promised of {@link ALL}, CPU seconds without the stand-ins'. */
const PROMISED = { sites: 1500, all: 30 };

const outcomeSchema = z.object({ byStack: z.array(z.object({ stack: z.string() })) });

/**
 * (o) The same sites in several numbers of cells: what an estate chooses by. Each number has an estate of its own.
 *
 * @param save called after each number, so that a run that is stopped has not been for nothing
 */
export async function numbersOfCells(
  { numbers }: Sizes,
  say: Say,
  _earlier: readonly Row[],
  save: (outcome: { rows: Row[]; checks: Check[] }) => void,
) {
  const rows: Row[] = [];
  let checks: Check[] = [];
  for (const cells of numbers.cells) {
    await oneNumber(numbers.sites, cells, say, (row) => rows.push(row));
    checks = checksOf(rows, numbers);
    save({ rows, checks });
  }
  return { rows, checks };
}

async function oneNumber(count: number, cells: number, say: Say, done: (row: Row) => void): Promise<void> {
  const rows = sampleSites(count);
  const estate = await Estate.open(rows);
  const step = async (operation: string, ...args: string[]) => {
    say(`${operation} of ${count} sites in ${cells} cells`);
    const { stdout, ...cost } = await estate.sitefleet(...args, "--json");
    const stacks = outcomeSchema.parse(JSON.parse(stdout)).byStack.length;
    done({ variant: variantOf(cells), operation, sites: count, stacks, cost });
  };
  try {
    estate.writeCells(cells);
    say(`preparing: the shared stack of ${count} sites`);
    await estate.sitefleet("up", "--yes", "--stack", "prod");
    await step("first up", "up", "--yes", "--no-check", ...SITES_ONLY);
    await step(ALL, "preview", "--all", ...SITES_ONLY);
    const changed = changeSome(rows, CHANGED, cells);
    estate.writeSites(changed);
    await step(`preview, ${CHANGED} sites changed`, "preview", ...SITES_ONLY);
    await step(`up, ${CHANGED} sites changed`, "up", "--yes", "--no-check", ...SITES_ONLY);
    const own = rows.filter(({ project }) => project === "own");
    const back = new Set(everyNth(own.map(hostOf), Math.min(BACK, own.length)));
    const another = (row: SampleRow) => ({ ...row, channel: row.channel === "beta" ? "stable" : "beta" });
    estate.writeSites(changed.map((row) => (back.has(hostOf(row)) ? another(row) : row)));
    await step("another release of those", "up", "--yes", "--no-check", ...SITES_ONLY);
    const sites = [...back].flatMap((host) => ["--site", host]);
    await step(`rollback of ${back.size} sites`, "rollback", "--yes", "--no-check", ...sites);
  } finally {
    await estate.close();
  }
}

const variantOf = (cells: number) => (cells === 1 ? "1 cell" : `${cells} cells`);

/** What a new estate's number is held to, and what the smallest costs beside the largest, by CPU time: the number is chosen by that. Pure. */
function checksOf(rows: readonly Row[], { cells, sites }: Sizes["numbers"]): Check[] {
  const all = rows.find(({ variant, operation }) => variant === variantOf(NEW_CELLS) && operation === ALL);
  const promised: Check[] =
    all === undefined || sites !== PROMISED.sites
      ? []
      : [
          {
            claim: `${ALL}, ${sites} sites in ${NEW_CELLS} cells, as a new estate has them: CPU time`,
            value: round(all.cost.cpu),
            unit: "s",
            target: { is: "at most", value: PROMISED.all },
          },
        ];
  return [...promised, ...betweenNumbers(rows, cells)];
}

function betweenNumbers(rows: readonly Row[], cells: readonly number[]): Check[] {
  const [few = 1, many = few] = [Math.min(...cells), Math.max(...cells)];
  const of = (number: number) => rows.filter(({ variant }) => variant === variantOf(number));
  return of(few).flatMap((row): Check[] => {
    const other = of(many).find(({ operation }) => operation === row.operation);
    if (other === undefined || few === many) return [];
    const claim = `${row.operation} of ${row.sites} sites: ${few} cells against ${many}, CPU time`;
    return [{ claim, value: ratio(cpuOf(row), cpuOf(other)), unit: "x" }];
  });
}
