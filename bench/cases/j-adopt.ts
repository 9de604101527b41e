import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate } from "../estate/estate.ts";
import { sampleSites } from "../estate/sites.ts";
import { ratio } from "../measure/ratios.ts";
import type { Check, Row, Say, Sizes } from "../types.ts";
import { vendorsOf } from "./adopt-plants.ts";

/** When an adoption is killed, s after its start: while it matches, in the shared stack, among the cells. */
const KILLS = [4, 8, 12, 20, 30];
/** Differences and foreign objects that are planted. */
const PLANTED = { differences: 40, foreign: 25 };

interface Difference {
  readonly class: string;
  readonly name: string;
  readonly role: string;
}

/** (j) The demo estate without its states: read, taken over in spite of five kills, previewed, and searched for what was planted. */
export async function adoption(sizes: Sizes, say: Say): Promise<{ rows: Row[]; checks: Check[] }> {
  const estate = await Estate.open(sampleSites(sizes.adopt));
  const rows: Row[] = [];
  const row = (operation: string, cost: Row["cost"], more: Partial<Row> = {}) =>
    rows.push({ variant: "adoption", operation, sites: sizes.adopt, stacks: 0, cost, ...more });
  try {
    say(`preparing: first up of ${sizes.adopt} sites with everything else`);
    await estate.sitefleet("up", "--yes", "--no-check");
    await forgetStates(estate);
    await estate.requests();
    say("adopt scan");
    const { stdout: _read, ...scan } = await estate.sitefleet("adopt", "scan", "--json");
    const reads = await estate.requests();
    row("scan", scan, { reads: reads.reads, writes: reads.writes });
    for (const seconds of KILLS) {
      say(`adopt apply, killed after ${seconds} s`);
      await killedAfter(estate, seconds, "adopt", "apply", "--yes");
    }
    say("adopt apply");
    const { stdout, ...apply } = await estate.sitefleet("adopt", "apply", "--yes", "--json");
    const taken = await estate.requests();
    row("apply", apply, { reads: taken.reads, writes: taken.writes });
    const { held, asked } = JSON.parse(stdout) as { held: number; asked: number };
    say("preview --all --refresh");
    const preview = await estate.sitefleet("preview", "--all", "--refresh", "--json");
    const { steps } = JSON.parse(preview.stdout) as { steps: unknown[] };
    row("preview --all --refresh", preview);
    await estate.requests();
    const planted = await vendorsOf(estate.environment()).plant(PLANTED, estate.catalog);
    await estate.requests();
    say(`drift: ${planted.differences.length} differences and ${planted.foreign} foreign objects are planted`);
    const { stdout: told, ...cost } = await estate.answering([2], "drift", "--json");
    const looked = await estate.requests();
    row("drift", cost, { reads: looked.reads, writes: looked.writes });
    const { differences } = JSON.parse(told) as { differences: Difference[] };
    const found = differences.filter((one) => one.class === "drift").map(({ role, name }) => `${role} ${name}`);
    const wanted = new Set(planted.differences);
    const unknown = differences.filter((one) => one.class === "unknown").length;
    const others = differences.filter((one) => !["drift", "unknown", "noise"].includes(one.class));
    const exactly = (value: number) => ({ is: "exactly", value }) as const;
    const writes = reads.writes + taken.writes + looked.writes;
    const calls = (reads.reads + taken.reads) / sizes.adopt;
    const checks: Check[] = [
      { claim: "writes at any vendor, all told", value: writes, unit: "calls", target: exactly(0) },
      { claim: "changes of a whole live preview afterwards", value: steps.length, unit: "changes", target: exactly(0) },
      { claim: "objects taken over", value: held + asked, unit: "changes" },
      { claim: "calls a site, read and taken over, five kills included", value: ratio(calls, 1), unit: "x" },
      { claim: "scan: wall time", value: scan.wall, unit: "s" },
      { claim: "apply after the kills: wall time", value: apply.wall, unit: "s" },
      { claim: "drift of everything: wall time", value: cost.wall, unit: "s" },
      {
        claim: `of ${wanted.size} planted differences, those that are not told`,
        value: [...wanted].filter((one) => !found.includes(one)).length,
        unit: "changes",
        target: exactly(0),
      },
      {
        claim: "differences that were not planted",
        value: found.filter((one) => !wanted.has(one)).length + others.length,
        unit: "changes",
        target: exactly(0),
      },
      { claim: "foreign objects told", value: unknown, unit: "changes", target: exactly(planted.foreign) },
    ];
    return { rows, checks };
  } finally {
    await estate.close();
  }
}

/** Throws the states away. What was generated is known to its owner, who gives it to the configuration. */
async function forgetStates(estate: Estate): Promise<void> {
  const env = estate.environment();
  const output = ["stack", "output", "secrets", "--show-secrets", "--json", "-s", "prod"];
  const { stdout } = await estate.measured("pulumi", output, env);
  const values = Object.entries(JSON.parse(stdout) as Record<string, string>).filter(([name]) =>
    /JWT|SESSION|API_KEY|OAUTH|^MO_.*_PASS$/.test(name),
  );
  const pairs = values.flatMap(([name, value]) => ["--secret", `sitefleet:secrets.${name}=${value}`]);
  const file = env.SITEFLEET_CONFIG_FILE ?? "";
  await estate.measured("pulumi", ["config", "set-all", "-s", "prod", "--config-file", file, "--path", ...pairs], env);
  const dir = fileURLToPath(env.PULUMI_BACKEND_URL ?? "");
  for (const name of ["stacks", "history", "backups"])
    rmSync(join(dir, ".pulumi", name), { recursive: true, force: true });
  rmSync(join(dir, ".sitefleet"), { recursive: true, force: true });
}

async function killedAfter(estate: Estate, seconds: number, ...args: string[]): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [join(PROJECT_ROOT, "cli/sitefleet.js"), ...args], {
    cwd: PROJECT_ROOT,
    env: estate.environment(),
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await Promise.race([sleep(seconds * 1000), ended]);
  child.kill("SIGKILL");
  await ended;
}
