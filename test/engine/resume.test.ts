import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareWithState } from "../../sandbox/compare.ts";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";
import { randomFrom } from "../support/random.ts";

// What breaks when this fails: a runner that dies in the middle leaves an estate that no later run brings to an end, or
// objects that nobody knows of. Each round adds sites, kills a random process of the run with SIGKILL at a random moment,
// and goes on. SITEFLEET_KILLS sets the number of rounds: 2 in CI and as many on a
// bucket (resume-bucket.test.ts), 20 in `npm run soak`.

const ROUNDS = Number(process.env.SITEFLEET_KILLS ?? 2);
const SITES_A_ROUND = 6;
/** A site takes about ten calls; up to this many are let through before the kill. */
const LAST_CALL = 40;
const seed = Number(process.env.SITEFLEET_SEED ?? 89712);
const estate = new Estate([], "none");

/** Calls at the vendors so far. */
async function total(): Promise<number> {
  return ((await estate.control("/requests?latest=0")) as { total: number }).total;
}

/** Resolves when the vendors have got more than `count` calls, or the run has ended. */
async function afterCalls(count: number, ended: () => boolean): Promise<void> {
  while (!ended() && (await total()) <= count) await new Promise((resolve) => setTimeout(resolve, 20));
}

beforeAll(async () => {
  await estate.start();
  const first = await estate.sitefleet("up", "--yes", "--stack", "prod", "--json");
  expect(first.code, first.stdout + first.stderr).toBe(0);
  // Slow vendors make it likely that calls are in flight when the process dies.
  await estate.control("/faults", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ latency: [{ vendor: "vercel", ms: 150, jitterMs: 100 }] }),
  });
});
afterAll(() => estate.remove());

describe(`${ROUNDS} runs killed at random (SITEFLEET_SEED=${seed})`, () => {
  const random = randomFrom(seed);
  const rows: Row[] = [];
  const cli = (...args: string[]) => [
    `${PROJECT_ROOT}/cli/sitefleet.js`,
    "--sandbox",
    "--catalog",
    estate.catalog,
    ...args,
  ];
  const cells = async () => {
    const { stdout } = await estate.sitefleet("cells", "--json");
    return (JSON.parse(stdout) as { cells: { stack: string }[] }).cells.flatMap(({ stack }) => ["--stack", stack]);
  };

  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))("round %i converges", async (round) => {
    for (let i = 0; i < SITES_A_ROUND; i++)
      rows.push({ name: `round-${round}-${i}`, tags: i < 3 && round < 4 ? "canary" : "" });
    estate.writeSites(rows);
    const stacks = await cells();
    let killed = "nothing";
    const base = await total();
    await estate.run(process.execPath, cli("up", "--yes", ...stacks), undefined, (child) => {
      const kill = () => {
        // The launcher's own children: the command line, runners, engines, and the providers that engines start.
        const all = child.pid === undefined ? [] : descendants(child.pid);
        const one = all[Math.floor(random() * all.length)];
        if (one === undefined) return;
        killed = one.command.slice(0, 80);
        process.kill(one.pid, "SIGKILL");
      };
      // A moment in the work, not in time: a run is over sooner on a quiet machine than it has begun on a busy one.
      void afterCalls(base + Math.floor(random() * LAST_CALL), () => child.exitCode !== null).then(kill);
    });
    expect(killed).not.toBe("nothing");
    for (let left = 6; left > 0; left--) {
      const next = await estate.run(process.execPath, cli("up", "--yes", "--json", "--resume", ...stacks));
      if (next.code === 0) break;
      // An engine whose command line was killed goes on by itself and holds its stack until it is done.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(left, `killed ${killed}; ${next.stdout}${next.stderr}`).toBeGreaterThan(1);
    }
    const preview = await estate.sitefleet("preview", "--all", "--json", "--detailed-exitcode", ...stacks);
    expect(preview.code, `killed ${killed}; ${preview.stdout}${preview.stderr}`).toBe(0);
    const { missing, orphans } = await compareWithState(estate.info);
    expect({ killed, missing, orphans }).toEqual({ killed, missing: [], orphans: [] });
  });
});
