import { parseArgs } from "node:util";
import { PARTS, type Part, type Sizes } from "./types.ts";

export const HELP = `Usage: npm run bench -- [options]

Measures sitefleet on sandboxes of its own and writes bench/results/ and the tables of docs/performance.md.

  --only <parts>    some of a,b,c,d,e,f,g,h,i,j,k,l,m,n,o (default: all); results of the others stay as they are
                    a  the same sites as one stack and as cells        c  naive cells against ours
                    b  growth with the fleet                           d  API calls against the least possible
                    e  memory, read off the others                     f  rollback at 150 ms an API call
                    g  health at 100 ms an answer                      h  a million charges, read
                    i  short runs while receivers of messages are down
                    j  an estate of 1500 sites taken over
                    k  50 jobs of a CI at once on one bucket
                    l  states in a directory, a bucket and a table, 40 ms away; a fleet of 1500 in a bucket
                    m  the dashboard's page beside a rollout; wants Chromium
                    n  beside OpenTofu, in one state and split; wants tofu and real providers
                    o  the same sites in several numbers of cells
  --sites <n>       sites of a, c and m (default: 300)
  --growth <list>   sizes of b (default: 300,1500,5000); others that the same commit has measured stay
  --rollback <list> sites that f rolls back (default: 1,100,1500); the largest is the fleet of f and g
  --adopt <n>       sites of j (default: 1500)
  --tofu <list>     sizes of n (default: 300,1500); others that the same commit has measured stay
  --cells <list>    numbers of cells of o (default: 8,16,24,32,64)
  --cell-sites <n>  sites of o (default: 1500)
  --jobs <n>        jobs of k at once (default: 50); each takes some 400 MiB
  --quick           small sizes, a smoke test; writes only where --out says
  --out <dir>       directory of the results (default: bench/results); with it docs/performance.md stays as it is
  --json            print the results on stdout
  -h, --help        show this

All of it takes about three quarters of an hour on 2 quiet processors, most of it b; f and g together a quarter, n half an hour more. Exits with 1 when a target is missed.
`;

/** What the command line says. */
export interface Options {
  readonly parts: readonly Part[];
  readonly sizes: Sizes;
  readonly json: boolean;
  readonly help: boolean;
  readonly quick: boolean;
  /** Undefined: the project's own results. */
  readonly out: string | undefined;
}

/** Sites of a cell of 1500 sites in 64 cells. */
const DENSITY = 23;
const FULL = {
  sites: 300,
  growth: [300, 1500, 5000],
  calls: 44,
  rollback: [1, 100, 1500],
  charges: 1_000_000,
  adopt: 1500,
  jobs: { cells: 64, atOnce: 50 },
  backend: { sites: 46, turns: 3, fleet: 1500, back: 100, changed: 3 },
  tofu: [300, 1500],
  numbers: { sites: 1500, cells: [8, 16, 24, 32, 64] },
};
const QUICK = {
  sites: 6,
  growth: [20, 40],
  calls: 8,
  rollback: [1, 3, 6],
  charges: 20_000,
  adopt: 8,
  jobs: { cells: 3, atOnce: 2 },
  backend: { sites: 4, turns: 1, fleet: 6, back: 3, changed: 2 },
  tofu: [8],
  numbers: { sites: 6, cells: [1, 3] },
};

/** Reads the command line. Pure. @throws RangeError with a sentence for people */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      sites: { type: "string" },
      growth: { type: "string" },
      rollback: { type: "string" },
      adopt: { type: "string" },
      tofu: { type: "string" },
      cells: { type: "string" },
      "cell-sites": { type: "string" },
      jobs: { type: "string" },
      out: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const base = values.quick ? QUICK : FULL;
  const sites = values.sites === undefined ? base.sites : size(values.sites);
  const list = (given: string | undefined, usual: readonly number[], least = 2) =>
    ascending(given === undefined ? usual : given.split(",").map((text) => size(text, least)));
  const cells = Math.max(2, Math.round(sites / DENSITY));
  return {
    parts: values.only === undefined ? PARTS : values.only.split(",").map(part),
    sizes: {
      sites,
      cells,
      growth: list(values.growth, base.growth),
      calls: base.calls,
      charges: base.charges,
      jobs: values.jobs === undefined ? base.jobs : { ...base.jobs, atOnce: size(values.jobs) },
      backend: base.backend,
      adopt: values.adopt === undefined ? base.adopt : size(values.adopt),
      rollback: list(values.rollback, base.rollback, 1),
      tofu: list(values.tofu, base.tofu, 8),
      numbers: {
        sites: values["cell-sites"] === undefined ? base.numbers.sites : size(values["cell-sites"]),
        cells: list(values.cells, base.numbers.cells, 1),
      },
    },
    json: values.json,
    help: values.help,
    quick: values.quick,
    out: values.out,
  };
}

const ascending = (sizes: readonly number[]) => sizes.toSorted((a, b) => a - b);

function size(text: string, least = 2): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 100_000) return value;
  throw new RangeError(`not a number of sites: ${text}`);
}

function part(text: string): Part {
  const found = PARTS.find((name) => name === text.trim());
  if (found !== undefined) return found;
  throw new RangeError(`not a part: ${text}; there are ${PARTS.join(", ")}`);
}
