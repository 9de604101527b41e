import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpoints } from "../../fleet/backend/states/state-files.ts";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { compare } from "../../sandbox/compare.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../support/backends.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";
import { randomFrom } from "../support/random.ts";

// What breaks when this fails: a run on a bucket that is killed leaves an estate that no later run brings to an end, a state older than
// what was done, or one that comes back over a newer one. Engines work on copies on their machine: in every other round one process
// dies and this machine goes on with its copy, in the others all of the machine's processes die at once and another machine goes
// on without its files, on which the first one later finds its old copy. SITEFLEET_KILLS sets the number of rounds.

const ROUNDS = Number(process.env.SITEFLEET_KILLS ?? 2);
/** In each of two cells. */
const SITES_A_ROUND = 2;
const CELLS = ["07", "11"] as const;
const LAST_CALL = 30;
const seed = Number(process.env.SITEFLEET_SEED ?? 4711);
const [{ available, start }] = BACKENDS;

describe.skipIf(!available)(`${ROUNDS} runs on a bucket killed at random (SITEFLEET_SEED=${seed})`, () => {
  const random = randomFrom(seed);
  // The sandbox's accounts know the repositories of the catalog that it starts with.
  const rows: Row[] = [{ name: "first", project: "own" }];
  const estate = new Estate(rows, "none");
  let backend: TestBackend;
  const total = async () => ((await estate.control("/requests?latest=0")) as { total: number }).total;
  const cells = ["--cell", CELLS.join(",")];
  const rowsOf = (round: number): Row[] =>
    CELLS.flatMap((cell) => {
      const names = Array.from({ length: 2000 }, (_, number) => `round-${round}-${number}`);
      const fitting = names.filter((name) => cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === cell);
      return fitting.slice(0, SITES_A_ROUND).map((name): Row => ({ name, project: "own" }));
    });
  type Resources = Parameters<typeof compare>[1];
  const states = async () => {
    const all = [...((await checkpoints(estate.env())) ?? new Map()).values()];
    const read = (await Promise.all(all.map((state) => state()))) as {
      checkpoint: { latest?: { resources?: Resources } };
    }[];
    return read.flatMap(({ checkpoint }) => checkpoint.latest?.resources ?? []);
  };

  beforeAll(async () => {
    estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
    backend = await start();
    estate.backend = backend;
    Object.assign(process.env, backend.env);
    await estate.start();
    await estate.control("/faults", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ latency: [{ vendor: "vercel", ms: 150, jitterMs: 100 }] }),
    });
  }, BUILD_MS);
  afterAll(async () => {
    await estate.remove();
    await backend?.stop();
  });

  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))("round %i converges", async (round) => {
    rows.push(...rowsOf(round));
    estate.writeSites(rows);
    const lost = round % 2 === 0;
    let killed = "nothing";
    const base = await total();
    const last = base + 1 + Math.floor(random() * LAST_CALL);
    await estate.sitefleetOn("one", ["up", "--yes", ...cells], (child) => {
      const kill = async () => {
        while (child.exitCode === null && (await total()) <= last)
          await new Promise((resolve) => setTimeout(resolve, 20));
        const all = child.pid === undefined ? [] : descendants(child.pid);
        const some = lost ? all.reverse() : [all[Math.floor(random() * all.length)]];
        for (const one of some) {
          if (one === undefined) continue;
          killed = one.command.slice(0, 80);
          process.kill(one.pid, "SIGKILL");
        }
      };
      void kill();
    });
    expect(killed).not.toBe("nothing");
    const machine = lost ? "two" : "one";
    for (let left = 6; left > 0; left--) {
      const next = await estate.sitefleetOn(machine, ["up", "--yes", "--json", "--resume", ...cells]);
      if (next.code === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(left, `killed ${killed}; ${next.stdout}${next.stderr}`).toBeGreaterThan(1);
    }
    // The machine that was lost comes back, with its old copies.
    for (const name of lost ? ["one", "two"] : ["one"]) {
      const args = ["up", "--yes", "--all", "--json", ...cells];
      const again = await estate.sitefleetOn(name, args);
      expect(again.code, `killed ${killed}; ${again.stdout}${again.stderr}`).toBe(0);
      const { created, deleted, replaced } = JSON.parse(again.stdout).total;
      expect({ killed, created, deleted, replaced }).toEqual({ killed, created: 0, deleted: 0, replaced: 0 });
    }
    const inventory = (await estate.control("/inventory")) as Parameters<typeof compare>[0];
    const { missing, orphans } = compare(inventory, await states());
    expect({ killed, missing, orphans }).toEqual({ killed, missing: [], orphans: [] });
  });
});
