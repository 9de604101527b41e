import { type Backend, bucket, table } from "../estate/backends.ts";
import { Estate } from "../estate/estate.ts";
import { hostOf, namesForCells, ownRows, spread } from "../estate/sites.ts";
import { ratio, round } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";
import { fleetInBucket } from "./l-fleet.ts";

/** Time that a request to the backend takes to come and go; ms. */
const ROUND_TRIP_MS = 40;
/** Time that every answer of an API takes while a site is rolled back; ms. */
const LATENCY_MS = 150;
const CELLS = 2;
/** Requests that the whole of a command makes whatever it does: locks, journal, index, list of the stacks. */
const OPERATIONS = ["first up", "another release", "review of 1 changed", "rollback of 1 site"] as const;
/** An operation as it was measured. */
interface Measured {
  readonly row: Row;
  readonly requests: number;
}
type Done = Readonly<Record<(typeof OPERATIONS)[number], Measured>>;
type Kind = "directory" | "bucket" | "table";

/** (l) The same estate with its states in a directory, a bucket and a table, each request to them 40 ms away. */
export async function backends(sizes: Sizes, say: Say) {
  const rows: Row[] = [];
  const measured = new Map<string, Done>();
  const firsts = new Map<Kind, Measured[]>();
  const kinds = ["directory", "bucket", "table"] as const;
  for (const turn of Array.from({ length: sizes.backend.turns }).keys()) {
    for (const kind of kinds) {
      const whole = turn === sizes.backend.turns - 1;
      const found = await inBackend(kind, sizes.backend.sites, say, whole);
      if (found === undefined) continue;
      firsts.set(kind, [...(firsts.get(kind) ?? []), found["first up"]]);
      if (whole) measured.set(kind, { ...found, "first up": median(firsts.get(kind) ?? []) } as Done);
    }
  }
  for (const found of measured.values()) rows.push(...OPERATIONS.map((name) => found[name].row));
  const directory = measured.get("directory");
  const checks = [...measured].flatMap(([kind, done]) =>
    directory === undefined ? [] : checksOf(kind, done, directory),
  );
  const fleet = await fleetInBucket(sizes, ROUND_TRIP_MS, say);
  return { rows: [...rows, ...fleet.rows], checks: [...checks, ...fleet.checks] };
}

/** The one in the middle by its wall time. Pure. */
const median = (all: readonly Measured[]): Measured =>
  all.toSorted((a, b) => a.row.cost.wall - b.row.cost.wall)[Math.floor(all.length / 2)] as Measured;

/** @param whole more than the first update */
async function inBackend(
  kind: Kind,
  sites: number,
  say: Say,
  whole: boolean,
): Promise<(Partial<Done> & Pick<Done, "first up">) | undefined> {
  const named = ownRows(namesForCells(spread(sites, CELLS)));
  const estate = await Estate.open(named);
  let backend: Backend | undefined;
  try {
    if (kind === "bucket") backend = await bucket(ROUND_TRIP_MS);
    if (kind === "table") backend = await table(ROUND_TRIP_MS, estate.sandbox);
    if (kind !== "directory" && backend === undefined) return undefined;
    if (backend) estate.use(backend.env);
    const cells = [...spread(sites, CELLS).keys()].flatMap((cell) => ["--cell", cell]);
    const step = async (operation: (typeof OPERATIONS)[number], codes: readonly number[], ...args: string[]) => {
      say(`${kind}: ${operation}`);
      backend?.proxy.taken();
      const { stdout: _, ...cost } = await estate.answering(codes, ...args);
      const requests = backend?.proxy.taken() ?? 0;
      return { row: { variant: kind, operation, sites, stacks: CELLS, cost }, requests };
    };
    const first = await step("first up", [0], "up", "--yes", "--no-check", ...cells);
    if (!whole) return { "first up": first };
    estate.writeSites(named.map((row) => ({ ...row, channel: "beta" })));
    const release = await step("another release", [0], "up", "--yes", "--no-check", ...cells);
    const [one] = named;
    estate.writeSites(
      named.map((row) => ({ ...row, channel: "beta", ...(row === one ? { framework: "astro" } : {}) })),
    );
    const review = await step("review of 1 changed", [0, 2], "preview", ...cells);
    estate.writeSites(named.map((row) => ({ ...row, channel: "beta" })));
    await estate.latency({ vendors: LATENCY_MS, web: LATENCY_MS });
    const site = one === undefined ? [] : ["--site", hostOf(one)];
    const back = await step("rollback of 1 site", [0, 1], "rollback", "--yes", "--no-check", ...site);
    return { "first up": first, "another release": release, "review of 1 changed": review, "rollback of 1 site": back };
  } finally {
    await estate.close();
    await backend?.close();
  }
}

/** What a backend is held to against a directory. Pure. */
export function checksOf(kind: string, done: Done, directory: Done): Check[] {
  const at = `${kind} ${ROUND_TRIP_MS} ms away`;
  const wall = (from: Done, name: (typeof OPERATIONS)[number]) => from[name].row.cost.wall;
  const back = wall(done, "rollback of 1 site");
  const rollback: Check = {
    claim: `${kind === "directory" ? kind : at}: rollback of 1 site at ${LATENCY_MS} ms a call, wall time`,
    value: back,
    unit: "s",
    target: { is: "at most", value: 5 },
  };
  if (done === directory) return [rollback];
  return [
    {
      claim: `${at}: first up of ${done["first up"].row.sites} sites against a directory, wall time`,
      value: ratio(wall(done, "first up"), wall(directory, "first up")),
      unit: "x",
      target: { is: "at most", value: 1.3 },
    },
    {
      claim: `${at}: review of 1 changed beyond a directory's, wall time`,
      value: round(wall(done, "review of 1 changed") - wall(directory, "review of 1 changed")),
      unit: "s",
      target: { is: "at most", value: 2 },
    },
    rollback,
    ...OPERATIONS.map(
      (name): Check => ({
        claim: `${at}: requests of ${name}, a stack`,
        value: ratio(done[name].requests, name === "rollback of 1 site" ? 1 : CELLS),
        unit: "calls",
        target: { is: "at most", value: 25 },
        note: "states and events, which follow the time, left out",
      }),
    ),
  ];
}
