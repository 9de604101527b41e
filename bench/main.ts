import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { PROJECT_ROOT } from "../stacks/root.ts";
import { oneStackAgainstCells } from "./cases/a-cells.ts";
import { growth } from "./cases/b-growth.ts";
import { naiveAgainstOurs } from "./cases/c-naive.ts";
import { calls } from "./cases/d-calls.ts";
import { memory } from "./cases/e-memory.ts";
import { rollbacks } from "./cases/f-rollback.ts";
import { healthOfFleet } from "./cases/g-health.ts";
import { charges } from "./cases/h-charges.ts";
import { messages } from "./cases/i-messages.ts";
import { adoption } from "./cases/j-adopt.ts";
import { jobsOnOneBucket } from "./cases/k-jobs.ts";
import { backends } from "./cases/l-backends.ts";
import { dashboardBeside } from "./cases/m-dashboard.ts";
import { besideTofu } from "./cases/n-tofu.ts";
import { numbersOfCells } from "./cases/o-cells.ts";
import { endFleet } from "./estate/fleet.ts";
import { isMet } from "./measure/ratios.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { amount } from "./report/markdown.ts";
import { RESULTS_DIR, readResults, writePage, writeResults } from "./report/write.ts";
import type { Part, PartResult, Results, Say, Sizes } from "./types.ts";

type Outcome = Pick<PartResult, "rows" | "checks" | "calls" | "spans">;
type Save = (outcome: Outcome) => void;
type Measurement = (sizes: Sizes, say: Say, earlier: PartResult["rows"], save: Save) => Promise<Outcome | undefined>;

const MEASURED: Readonly<Record<Exclude<Part, "e">, Measurement>> = {
  a: oneStackAgainstCells,
  b: growth,
  c: naiveAgainstOurs,
  d: calls,
  f: rollbacks,
  g: healthOfFleet,
  h: charges,
  i: messages,
  j: adoption,
  k: jobsOnOneBucket,
  l: backends,
  m: dashboardBeside,
  n: besideTofu,
  o: numbersOfCells,
};

const say: Say = (text) => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

/** Runs the parts one after the other; what is done is written at once, so that a later failure costs nothing. */
async function run(options: Options): Promise<void> {
  const own = options.out === undefined && !options.quick;
  const dir = own ? RESULTS_DIR : resolve(options.out ?? mkdtempSync(join(tmpdir(), "sitefleet-bench-results-")));
  let results: Results = readResults(dir);
  const origin = { commit: commit(), machine: machine() };
  const keep = (name: Part, outcome: Outcome) => {
    const parts = { ...results.parts, [name]: { measuredAt: new Date().toISOString(), ...origin, ...outcome } };
    // Memory is read off all parts, so it changes with each.
    const e = { measuredAt: new Date().toISOString(), ...origin, ...memory(parts) };
    results = { ...results, parts: { ...parts, e } };
    writeResults(dir, results);
    if (own) writePage(results);
  };
  const skipped = new Set<Part>();
  for (const name of options.parts) {
    if (name === "e") keep(name, memory(results.parts));
    else {
      const before = results.parts[name];
      const same = before?.commit === origin.commit && before.machine === origin.machine;
      const done = await MEASURED[name](options.sizes, say, same ? before.rows : [], (outcome) => keep(name, outcome));
      // It cannot be measured here: what another machine has measured stays.
      if (done === undefined) {
        skipped.add(name);
        continue;
      }
      keep(name, done);
    }
    for (const check of results.parts[name]?.checks ?? [])
      say(`(${name}) ${verdict(isMet(check))} ${amount(check, check.value)}  ${check.claim}`);
  }
  say(`wrote ${dir}`);
  if (options.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  const measured = options.parts.filter((name) => !skipped.has(name));
  const missed = measured.some((name) => results.parts[name]?.checks.some((check) => isMet(check) === false));
  // Targets are set for the full sizes.
  if (missed && !options.quick) process.exitCode = 1;
}

const verdict = (met: boolean | undefined) => (met === undefined ? "      " : met ? "met   " : "MISSED");

function commit(): string {
  return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: PROJECT_ROOT, encoding: "utf8" }).trim();
}

function machine(): string {
  const all = cpus();
  const model = (all[0]?.model ?? "").trim() || "processor";
  return `${all.length} x ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else await run(options).finally(endFleet);
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
