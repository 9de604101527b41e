import { readFileSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { run } from "../measure/run.ts";
import type { JobSpan } from "../types.ts";

// node bench/cases/k-jobs-main.ts AT-ONCE DIR CELL…: a process of `up` for each cell, each with a folder of its own as on another machine.
// Prints what became of them.

const [most = "1", dir = "", ...cells] = process.argv.slice(2);
const limit = pLimit(Number(most));
const began = Date.now();
const since = () => (Date.now() - began) / 1000;

/** When the journal says that this job had its stack. The folder has other machines' journals as well. */
function heldBy(state: string, run: string): Pick<JobSpan, "began" | "ended"> {
  const lines = readFileSync(join(state, "runs", `${run}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean);
  const at = (name: string) => {
    const found = lines
      .map((line) => JSON.parse(line) as { event: string; at: string })
      .find(({ event }) => event === name);
    return found === undefined ? undefined : (Date.parse(found.at) - began) / 1000;
  };
  return { began: at("stack-started"), ended: at("stack-ended") };
}

async function job(cell: string, index: number): Promise<JobSpan> {
  const from = since();
  const state = join(dir, `machine-${index}`);
  const env = { ...(process.env as Record<string, string>), SITEFLEET_STATE_DIR: state };
  const options = ["--yes", "--no-check", "--json", "--lock-timeout", "1200", "--cell", cell];
  const args = [join(PROJECT_ROOT, "cli/sitefleet.js"), "up", ...options];
  const { code, stdout, stderr } = await run({ command: process.execPath, args, cwd: PROJECT_ROOT, env });
  const done = code === 0 ? (JSON.parse(stdout) as { run: string; total: { created: number } }) : undefined;
  const created = done?.total.created ?? 0;
  const held = done && created > 0 ? heldBy(state, done.run) : { began: undefined, ended: undefined };
  const said = code === 0 ? undefined : (stdout + stderr).slice(-600);
  return { cell, from, to: since(), code: code ?? -1, created, said, ...held };
}

const spans = await Promise.all(cells.map((cell, index) => limit(() => job(cell, index))));
process.stdout.write(`${JSON.stringify(spans)}\n`);
