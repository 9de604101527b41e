import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DelayingProxy, delayingProxy, steadyRequests } from "../../bench/measure/delaying-proxy.ts";
import { RUNS_PREFIX } from "../../fleet/backend/journal/shared-runs.ts";
import { lockFiles } from "../../fleet/backend/locks/engine-files.ts";
import { LOCKS_KEY, parseLocks } from "../../fleet/backend/locks/lock-table.ts";
import { checkpoints } from "../../fleet/backend/states/state-files.ts";
import { engineStore } from "../../fleet/backend/store/state-store.ts";
import { cellOf, DEFAULT_CELLS } from "../../model/index.ts";
import { compare } from "../../sandbox/compare.ts";
import { BACKENDS, BUILD_MS, type TestBackend } from "../support/backends.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";

// Stacks in a real S3-compatible server and in a real PostgreSQL, used from machines that share nothing else. What breaks
// when these fail: a fleet whose state is in a bucket, and with it every run that CI spreads over jobs.

const CELLS = ["07", "11"] as const;

/**
 * Requests to a bucket of a rollback of one site on a machine that has taken no locks yet: what it writes whenever seconds have passed is left out (states, events).
 * On a bucket far away each of them is its time.
 */
const MOST_REQUESTS = 28;

/** Sites with projects of their own, so that their cells need nothing of the shared stack. */
function rows(prefix: string, cell: string, count: number, project: Row["project"] = "own"): Row[] {
  const found: Row[] = [];
  for (let number = 0; found.length < count; number++) {
    const name = `${prefix}${number}`;
    if (cellOf({ host: `${name}.qmoney.de`, tags: [] }, DEFAULT_CELLS) === cell) found.push({ name, project });
  }
  return found;
}

describe.each(BACKENDS)("stacks in $name", ({ available, start }) => {
  const first = CELLS.flatMap((cell) => rows("shop", cell, 2));
  const estate = new Estate(first, "none");
  const cells = ["--cell", CELLS.join(",")];
  let backend: TestBackend;
  let proxy: DelayingProxy | undefined;
  const test = it.skipIf(!available);

  const report = (text: string) =>
    JSON.parse(text) as {
      total: Record<string, number>;
      byStack: { stack: string }[];
      unopened: string[];
      error?: { code: string; subject: string; message: string };
    };
  const slow = (ms: number) =>
    estate.control("/faults", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ latency: ms > 0 ? [{ vendor: "vercel", method: "write", ms }] : [] }),
    });
  const writes = async () => {
    const { routes } = (await estate.control("/requests?latest=0")) as { routes: { method: string; count: number }[] };
    return routes.reduce((sum, { method, count }) => (method === "GET" ? sum : sum + count), 0);
  };
  /** Resolves when the vendors have got so many more writes. */
  const moreWrites = async (count: number) => {
    const before = await writes();
    await expect.poll(writes, { timeout: 60_000, interval: 50 }).toBeGreaterThanOrEqual(before + count);
  };
  async function expectStateIsLive() {
    const states = [...((await checkpoints(estate.env())) ?? new Map()).values()];
    const read = await Promise.all(states.map((state) => state() as Promise<Checkpoint>));
    const inventory = (await estate.control("/inventory")) as Parameters<typeof compare>[0];
    const { missing, orphans, compared } = compare(
      inventory,
      read.flatMap(({ checkpoint }) => checkpoint.latest?.resources ?? []),
    );
    expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
    return compared;
  }
  /** What a killed run has left says from now on that it was another machine's: the processes here say nothing of it. @returns engines' locks */
  async function asIfElsewhere(stacks: readonly string[]): Promise<number> {
    const store = await engineStore(estate.env());
    const said = (text: string) => text.replaceAll(`"${hostname()}"`, '"gone-machine"');
    const locks = parseLocks((await store?.get(LOCKS_KEY))?.text);
    for (const holder of Object.values(locks.runs)) holder.boot = "another";
    await store?.put(LOCKS_KEY, said(JSON.stringify(locks)));
    const left = (await Promise.all(stacks.map((stack) => lockFiles(stack, estate.env())))).flat();
    const journal = (await store?.list(RUNS_PREFIX))?.at(-1)?.key ?? "";
    for (const { name, text } of [...left, { name: journal, text: (await store?.get(journal))?.text ?? "" }]) {
      await store?.put(name, said(text));
    }
    return left.length;
  }
  interface Checkpoint {
    checkpoint: { latest?: { resources?: Parameters<typeof compare>[1][number][] } };
  }

  beforeAll(async () => {
    if (!available) return;
    estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
    backend = await start();
    const port = /endpoint=[^:&]+:(\d+)/.exec(backend.url)?.[1];
    if (port !== undefined) proxy = await delayingProxy(Number(port), 0, steadyRequests);
    estate.backend = proxy ? { ...backend, url: backend.url.replace(`:${port}&`, `:${proxy.port}&`) } : backend;
    Object.assign(process.env, backend.env);
    await estate.start();
  }, BUILD_MS);
  afterAll(async () => {
    await estate.remove();
    await proxy?.close();
    await backend?.stop();
  });

  test("come up, and another machine knows without opening them that nothing is to be done", async () => {
    const up = await estate.sitefleetOn("one", ["up", "--yes", "--json", ...cells]);
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect(await expectStateIsLive()).toBeGreaterThanOrEqual(first.length * 3);
    const preview = await estate.sitefleetOn("two", ["preview", "--json", "--detailed-exitcode", ...cells]);
    expect(preview.code, preview.stdout + preview.stderr).toBe(0);
    expect(report(preview.stdout)).toMatchObject({ byStack: [], unopened: CELLS.map((cell) => `prod-cell-${cell}`) });
    const opened = await estate.sitefleetOn("two", ["preview", "--all", "--json", "--detailed-exitcode", ...cells]);
    expect(opened.code, opened.stdout + opened.stderr).toBe(0);
  });

  test("are previewed and updated where the catalog changed, and as jobs of a matrix", async () => {
    estate.writeSites(first.map((row, index) => (index === 0 ? { ...row, framework: "astro" } : row)));
    const matrix = await estate.sitefleetOn("three", ["cells", "--changed", "--matrix"]);
    expect(JSON.parse(matrix.stdout)).toEqual({ include: [{ name: "07", cells: "07", sites: 2 }] });
    const up = await estate.sitefleetOn("three", ["up", "--yes", "--json", "--cell", "07"]);
    expect(up.code, up.stdout + up.stderr).toBe(0);
    // The project, and its release: the same commit is built again with the new settings.
    expect(report(up.stdout).total).toMatchObject({ changed: 2, created: 0, replaced: 0, deleted: 0 });
    await expectStateIsLive();
  });

  // Their histories are objects or rows, and the journals that say what was done are there as well.
  test("go back to what they were, from another machine", async () => {
    const host = `${first[0]?.name}.qmoney.de`;
    const args = ["rollback", "--site", host, "--yes", "--no-check", "--json"];
    proxy?.taken();
    const back = await estate.sitefleetOn("two", args);
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect(proxy?.taken() ?? 0).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(report(back.stdout)).toMatchObject({
      total: { changed: 2, created: 0, replaced: 0, deleted: 0 },
      to: [{ stack: "prod-cell-07", version: 1 }],
    });
    await expectStateIsLive();
    const preview = await estate.sitefleetOn("one", ["preview", "--json", "--refresh", "--cell", "07"]);
    expect(report(preview.stdout).total).toMatchObject({ changed: 2, created: 0, replaced: 0, deleted: 0 });
    // Once more: what came before that, not what was just left.
    const again = await estate.sitefleetOn("three", args);
    expect(report(again.stdout).error).toMatchObject({ code: "rollback.none" });
  });

  test("are not updated while the shared stack that they use is not up", async () => {
    estate.writeSites([...first, ...rows("land", "07", 1, "shared")]);
    const up = await estate.sitefleetOn("one", ["up", "--yes", "--json", "--cell", "07"]);
    expect(up.code).toBe(1);
    expect(report(up.stdout).error).toMatchObject({ code: "shared.missing", subject: "prod-cell-07" });
  });

  test("are brought to an end from another machine when the one that worked on them is gone", async () => {
    estate.writeSites([...first, ...rows("late", "07", 6)]);
    await slow(150);
    const killed = estate.sitefleetOn("four", ["up", "--yes", "--cell", "07"], (child) => {
      void moreWrites(6).then(() => {
        for (const { pid } of descendants(child.pid ?? 0).reverse()) process.kill(pid, "SIGKILL");
      });
    });
    expect((await killed).code).toBeNull();
    await slow(0);
    expect(await asIfElsewhere(["prod-cell-07"])).toBe(1);
    const refused = await estate.sitefleetOn("five", ["up", "--yes", "--json", "--resume", "--lock-timeout", "1"]);
    expect(refused.code).toBe(1);
    expect(report(refused.stdout).error).toMatchObject({ code: "lock.held", subject: "prod-cell-07" });
    expect(report(refused.stdout).error?.message).toContain("gone-machine");
    const resumed = await estate.sitefleetOn("five", ["up", "--yes", "--json", "--resume", "--gone", "gone-machine"]);
    expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
    await expectStateIsLive();
    const again = await estate.sitefleetOn("one", [
      "preview",
      "--all",
      "--json",
      "--detailed-exitcode",
      "--cell",
      "07",
    ]);
    expect(again.code, again.stdout + again.stderr).toBe(0);
  });

  test("go to one of two runs; the other is told who has them", async () => {
    estate.writeSites([...first, ...rows("late", "07", 6), ...rows("more", "11", 4)]);
    // Longer than the second takes to ask, however busy the machine is; what is in flight then ends it.
    await slow(8_000);
    const running = estate.sitefleetOn("one", ["up", "--yes", "--json", "--cell", "11"]);
    await moreWrites(1);
    const second = await estate.sitefleetOn("two", ["up", "--yes", "--json", ...cells, "--all", "--lock-timeout", "1"]);
    expect(second.code).toBe(1);
    expect(report(second.stdout).error).toMatchObject({ code: "lock.held", subject: "prod-cell-11" });
    expect(report(second.stdout).error?.message).toContain(hostname());
    await slow(0);
    const one = await running;
    expect(one.code, one.stdout + one.stderr).toBe(0);
    await expectStateIsLive();
  });

  test("are rolled out, and another machine goes on when the one that did is gone", async () => {
    estate.writeSites(first);
    // Most of the sites go, which a run must be told.
    const back = await estate.sitefleetOn("one", ["up", "--yes", "--json", "--allow", "mass-delete", ...cells]);
    expect(back.code, back.stdout + back.stderr).toBe(0);
    estate.edit("rollout.yaml", (text) => text.replaceAll(/soakSeconds: \d+/g, "soakSeconds: 0"));
    estate.edit("releases.yaml", (text) => text.replace(/(stable:\n\s+ref: )"[0-9a-f]{40}"/, `$1"${"b".repeat(40)}"`));
    await slow(400);
    const killed = estate.sitefleetOn("one", ["rollout", "--yes"], (child) => {
      void moreWrites(2).then(() => {
        for (const { pid } of descendants(child.pid ?? 0).reverse()) process.kill(pid, "SIGKILL");
      });
    });
    expect((await killed).code).toBeNull();
    await slow(0);
    await asIfElsewhere(CELLS.map((cell) => `prod-cell-${cell}`));
    const rollout = async (code: number, ...args: string[]) => {
      const ran = await estate.sitefleetOn("two", ["rollout", ...args, "--json"]);
      expect(ran.code, ran.stdout + ran.stderr).toBe(code);
      return JSON.parse(ran.stdout);
    };
    expect(await rollout(0, "status")).toMatchObject({ status: "running", runner: { host: "gone-machine" } });
    expect(await rollout(1, "--yes")).toMatchObject({ error: { code: "rollout.unfinished" } });
    expect(await rollout(0, "resume", "--gone", "gone-machine")).toMatchObject({ status: "done" });
    expect(await rollout(0, "status")).toMatchObject({ status: "done", runner: null });
    await expectStateIsLive();
  });

  test("print no password", () => {
    expect(estate.printed).not.toContain(backend.secret);
  });
});
