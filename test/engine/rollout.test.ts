import { afterAll, beforeAll, expect, it } from "vitest";
import { cellOf, DEFAULT_CELLS, stackOfCell } from "../../model/index.ts";
import { Estate, type Row } from "../support/estate.ts";
import { stepsOf } from "../support/steps.ts";

// A rollout with the real engine. What breaks when this fails: a bad release reaches more than its wave, stays live after it
// was found out, or comes back with the next rollout.

const GOOD = "a".repeat(40);
const BAD = "b".repeat(40);
const rows: Row[] = [
  { name: "one", tags: "canary" },
  { name: "two", tags: "canary" },
  { name: "bbb" },
  { name: "ccc" },
  { name: "ddd" },
];
const estate = new Estate(rows, "none");
const { release, run, live, whole } = stepsOf(estate);

const all = () => Promise.all(rows.map(({ name }) => live(name)));
const stacks = [
  "prod",
  ...new Set(
    rows.map(({ name, tags = "" }) =>
      stackOfCell(cellOf({ host: `${name}.qmoney.de`, tags: tags === "" ? [] : [tags] }, DEFAULT_CELLS)),
    ),
  ),
];
const STACKS = stacks.flatMap((stack) => ["--stack", stack]);

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  estate.edit("rollout.yaml", (text) => text.replaceAll(/soakSeconds: \d+/g, "soakSeconds: 0"));
  release(GOOD);
  await estate.start();
  await run(0, "up", "--yes", ...STACKS);
  release(BAD);
});
afterAll(() => estate.remove());

/** How releases of a site answer from now on; without a site all are well. */
const answers = (project?: string, status?: number, at: "everywhere" | "hosts" = "everywhere") =>
  estate.control("/vercel", {
    method: "PUT",
    body: JSON.stringify({
      releases: project === undefined ? [] : [{ match: { project, commit: BAD }, serve: { status, at } }],
    }),
    headers: { "content-type": "application/json" },
  });
const slow = (ms: number) =>
  estate.control("/faults", {
    method: "PUT",
    body: JSON.stringify({ latency: ms > 0 ? [{ vendor: "vercel", ms }] : [] }),
    headers: { "content-type": "application/json" },
  });
const happened = async () => {
  const { events } = await run(0, "rollout", "status");
  return events.map(({ event }: { event: string }) => event);
};

it("stops at a wave whose release answers 500 before it is promoted, and the next rollout refuses it", async () => {
  await answers("two-qmoney-de", 500);
  const plan = await run(0, "rollout", "--plan");
  expect(plan.waves.map(({ name }: { name: string }) => name)).toEqual(["canary", "all"]);
  expect(plan.waves[0].hosts).toEqual({ "prod-cell-canary": ["one.qmoney.de", "two.qmoney.de"] });
  expect(await run(1, "rollout", "--yes")).toMatchObject({
    ok: false,
    status: "stopped",
    waves: [
      { name: "canary", step: "rolled-back", verdict: "fail" },
      { name: "all", step: "waiting" },
    ],
  });
  expect(await all()).toEqual(rows.map(() => GOOD));
  await whole();
  expect(await happened()).toEqual([
    "started",
    "wave-started",
    "wave-failed",
    "escalated",
    "wave-rolled-back",
    "ended",
  ]);
  expect(await run(1, "rollout", "--yes")).toMatchObject({ error: { code: "release.bad" } });
});

it("takes a wave back that fails on its hosts; abort takes the earlier ones back as well", async () => {
  await run(0, "release", "clear", "--all");
  // Well on its own address, so that it is promoted.
  await answers("bbb-qmoney-de", 500, "hosts");
  expect(await run(1, "rollout", "--yes")).toMatchObject({
    status: "stopped",
    waves: [
      { name: "canary", step: "passed", verdict: "pass", figures: { sites: 2, failed: 0 } },
      {
        name: "all",
        step: "rolled-back",
        verdict: "fail",
        figures: { sites: 3, failed: 1, examples: ["bbb.qmoney.de"] },
      },
    ],
  });
  expect(await all()).toEqual([BAD, BAD, GOOD, GOOD, GOOD]);
  expect(await happened()).toContain("escalated");
  const { figures, ...told } = await run(0, "report");
  expect(told).toMatchObject({
    outcome: "failed",
    waves: [
      { wave: "canary", state: "passed" },
      { wave: "all", state: "failed" },
    ],
    checks: [
      { wave: "canary", verdict: "pass", sites: 2, failed: 0 },
      { wave: "all", verdict: "fail", sites: 3, failed: 1 },
    ],
    wentBack: [{ ok: true, what: "wave all" }],
    roles: { release: { done: expect.any(Number), failed: 0 } },
  });
  expect(figures).toMatchObject({ answeredPercent: 80, errorPercent: 20, wentBack: 1, failedStacks: 0 });
  expect(figures.p95Ms).toBeGreaterThan(0);
  expect(told.total.changed).toBe(told.stacks.reduce((sum: number, one: { changed: number }) => sum + one.changed, 0));
  await whole();
  expect(await run(0, "rollout", "abort")).toMatchObject({ status: "aborted" });
  expect(await all()).toEqual(rows.map(() => GOOD));
});

it("is paused by another process, is gone on with, and brings a good release to all, after which nothing differs", async () => {
  await answers();
  await run(0, "release", "clear", "--all");
  // Slow enough to be met at work, however long the commands below take to start.
  await slow(1500);
  const first = run(3, "rollout", "--yes");
  await expect.poll(async () => (await run(0, "rollout", "status")).status, { timeout: 60_000 }).toBe("running");
  const { runner } = await run(0, "rollout", "status");
  expect(runner).toMatchObject({ pid: expect.any(Number) });
  await run(0, "rollout", "pause");
  // Before its next step, whichever that is: nothing goes out after it.
  expect(await first).toMatchObject({ status: "paused", reason: "by hand" });
  await slow(0);
  expect(await run(1, "rollout", "--yes")).toMatchObject({ error: { code: "rollout.unfinished" } });
  expect(await run(0, "rollout", "status")).toMatchObject({ status: "paused", runner: null });
  // Another catalog than it began with is not gone on with, and the way back is named.
  release("c".repeat(40));
  const refused = await run(1, "rollout", "resume");
  expect(refused.error).toMatchObject({ code: "rollout.catalog", hint: expect.stringContaining("abort") });
  release(BAD);
  expect(await run(0, "rollout", "resume")).toMatchObject({ ok: true, status: "done" });
  expect(await all()).toEqual(rows.map(() => BAD));
  expect((await run(0, "preview", ...STACKS)).steps).toEqual([]);
});
