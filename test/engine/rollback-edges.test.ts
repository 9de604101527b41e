import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { holders } from "../../fleet/backend/locks/locks.ts";
import { sandboxEnv } from "../../sandbox/control.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";
import { stepsOf } from "../support/steps.ts";

// Going back when things have gone wrong before. What breaks when these fail: after an update that ended half way a rollback
// goes one release too far, calls the bad release good, or leaves half of it live. The tests follow on each other.

const [OLD, GOOD, BAD, WORSE] = ["0", "a", "b", "c"].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];
const rows: Row[] = ["one", "two", "three"].map((name) => ({ name, tags: "canary" }));
const estate = new Estate(rows, "none");
const { release, run, put, whole } = stepsOf(estate);
const CELL = ["--stack", "prod-cell-canary"];

interface Inventory {
  readonly vercel: {
    readonly teams: readonly { readonly id: string }[];
    readonly deployments: readonly { readonly id: string; readonly project: string; readonly commit: string }[];
  };
}
const vercel = async () => ((await estate.control("/inventory")) as Inventory).vercel;
/** First digits of the commits that the sites serve. */
const live = async () => {
  const checked = await run(0, "health", "--any-release", "--cell", "canary");
  const found = checked.results.map(({ host, vantages }: { host: string; vantages: { release?: string }[] }) => [
    host.split(".")[0],
    vantages[0]?.release?.[0],
  ]);
  return Object.fromEntries(found);
};
const all = (digit: string) => ({ one: digit, two: digit, three: digit });
/** Nothing differs between the state, what is live, and a catalog that declares this commit. */
const settledOn = async (commit: string) => {
  release(commit);
  await run(0, "release", "clear", "--all");
  expect((await run(0, "preview", "--refresh", ...CELL)).steps).toEqual([]);
  await whole();
};

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  release(OLD);
  await estate.start();
  await run(0, "up", "--yes", "--stack", "prod", ...CELL);
  release(GOOD);
  await run(0, "up", "--yes", ...CELL);
});
afterAll(() => estate.remove());

describe("after an update that failed half way", () => {
  it("the whole stack goes back to what it was before it, and its release is bad", async () => {
    await put("/vercel", {
      releases: [{ match: { commit: BAD, project: "two-qmoney-de" }, build: { result: "error", ms: 5000 } }],
    });
    release(BAD);
    await run(1, "up", "--yes", ...CELL);
    expect(await live()).toEqual({ ...all("b"), two: "a" });
    const back = await run(0, "rollback", ...CELL, "--yes");
    expect(back.to).toEqual([{ stack: "prod-cell-canary", version: 2 }]);
    expect(back.health.counts).toEqual({ pass: 2, fail: 0, inconclusive: 0 });
    expect(await run(0, "release", "list")).toMatchObject([{ commit: BAD }]);
    expect(await live()).toEqual(all("a"));
    await settledOn(GOOD);
  });

  it("one site goes back and the others stay as they are, also the broken one", async () => {
    release(BAD);
    await run(1, "up", "--yes", ...CELL);
    const back = await run(0, "rollback", "--site", "one.qmoney.de", "--yes");
    expect(back.total).toMatchObject({ changed: 1, created: 0, deleted: 0 });
    expect(await live()).toEqual({ one: "a", two: "a", three: "b" });
    await run(0, "rollback", ...CELL, "--yes");
    expect(await live()).toEqual(all("a"));
    await settledOn(GOOD);
  });

  it("that was killed: it is repaired, and everything goes back", async () => {
    await put("/vercel", {});
    await put("/faults", { latency: [{ vendor: "vercel", method: "write", ms: 1500 }] });
    release(WORSE);
    const env = { ...process.env, SITEFLEET_SANDBOX_DIR: estate.sandbox } as Record<string, string>;
    const builds = async () => (await vercel()).deployments.filter(({ commit }) => commit === WORSE).length;
    const args = ["cli/sitefleet.js", "--sandbox", "--catalog", estate.catalog, "up", "--yes", ...CELL];
    const killed = await estate.run(process.execPath, args, env, (child) => {
      void expect
        .poll(builds, { timeout: 60_000, interval: 50 })
        .toBeGreaterThan(0)
        .finally(() => {
          for (const { pid } of descendants(child.pid ?? 0).reverse()) process.kill(pid, "SIGKILL");
          child.kill("SIGKILL");
        });
    });
    expect(killed.code).toBeNull();
    await put("/faults", {});
    await run(0, "rollback", ...CELL, "--yes");
    expect(await live()).toEqual(all("a"));
    await settledOn(GOOD);
  });
});

describe("a rollback", () => {
  it("that is done twice goes further back, not to the release that was just left", async () => {
    release(WORSE);
    await run(0, "up", "--yes", ...CELL);
    await run(0, "rollback", ...CELL, "--yes");
    expect(await live()).toEqual(all("a"));
    await run(0, "rollback", ...CELL, "--yes");
    expect(await live()).toEqual(all("0"));
    expect(await run(1, "rollback", ...CELL, "--yes")).toMatchObject({ error: { code: "rollback.none" } });
    await settledOn(OLD);
  });

  it("says before it that the old deployment is gone, and builds it anew", async () => {
    release(GOOD);
    await run(0, "up", "--yes", ...CELL);
    const { deployments, teams } = await vercel();
    const old = deployments.filter(({ project, commit }) => project === "one-qmoney-de" && commit === OLD);
    const { VERCEL_API_URL, VERCEL_API_TOKEN } = sandboxEnv(estate.info);
    for (const { id } of old) {
      const url = new URL(`/v13/deployments/${id}?teamId=${teams[0]?.id}`, VERCEL_API_URL);
      const gone = await fetch(url, { method: "DELETE", headers: { authorization: `Bearer ${VERCEL_API_TOKEN}` } });
      expect(gone.status).toBe(200);
    }
    expect(old).not.toEqual([]);
    const preview = await run(0, "rollback", ...CELL, "--preview");
    expect(preview.losses).toMatchObject([{ name: "one.qmoney.de", kind: "slow" }]);
    const back = await run(0, "rollback", ...CELL, "--yes");
    expect(back.rebuilt).toEqual(["one.qmoney.de"]);
    expect((await vercel()).deployments.length).toBe(deployments.length - old.length + 1);
    expect(await live()).toEqual(all("0"));
    await settledOn(OLD);
  });

  it("is not begun when the stack was updated while it waited for its turn", async () => {
    release(GOOD);
    const env = { ...process.env, SITEFLEET_SANDBOX_DIR: estate.sandbox } as Record<string, string>;
    const cli = (...args: string[]) => ["cli/sitefleet.js", "--sandbox", "--catalog", estate.catalog, ...args];
    // Stopped as soon as it holds the lock, before it changes anything.
    const held = async () => (await holders({ dir: join(estate.stateDir, ".sitefleet") })).length;
    let first: ChildProcess | undefined;
    const up = estate.run(process.execPath, cli("up", "--yes", ...CELL), env, (child) => {
      first = child;
    });
    await expect.poll(held, { timeout: 60_000, interval: 1 }).toBe(1);
    first?.kill("SIGSTOP");
    const waited = await estate.run(process.execPath, cli("rollback", "--yes", "--json", ...CELL), env, (child) => {
      child.stderr?.on("data", (text) => {
        if (String(text).includes("waiting for prod-cell-canary")) first?.kill("SIGCONT");
      });
    });
    expect(waited.code, waited.stdout + waited.stderr).toBe(1);
    const { error } = JSON.parse(waited.stdout);
    expect(error).toMatchObject({ code: "rollback.changed", details: ["prod-cell-canary"] });
    expect((await up).code).toBe(0);
    expect(await run(0, "release", "list")).toEqual([]);
    await settledOn(GOOD);
  });
});
