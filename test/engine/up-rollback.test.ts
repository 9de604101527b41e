import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../stacks/root.ts";
import { Estate, type Row } from "../support/estate.ts";
import { descendants } from "../support/kill.ts";
import { stepsOf } from "../support/steps.ts";

// `up` judges what it has changed, with the real engine. What breaks when this fails: a release that is good on its own
// address and bad on the sites' hosts stays live, comes again with the next run, or stays because the runner died between
// its discovery and the way back. The tests follow on each other.

const GOOD = "a".repeat(40);
const BAD = "b".repeat(40);
const rows: Row[] = [
  { name: "one", tags: "canary" },
  { name: "two", tags: "canary" },
];
const estate = new Estate(rows, "none");
const { release, run, put, live, whole } = stepsOf(estate);
const CELL = ["--stack", "prod-cell-canary"];

/** What visitors of a site get of a release; the deployment's own address is well. */
const onHosts = (project: string, status: number, commit = BAD) =>
  put("/vercel", { releases: [{ match: { project, commit }, serve: { status, at: "hosts" } }] });
const all = () => Promise.all(rows.map(({ name }) => live(name)));
const journals = () => join(estate.stateDir, ".sitefleet", "runs");
const eventsOf = (id: string) =>
  readFileSync(join(journals(), `${id}.jsonl`), "utf8")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

beforeAll(async () => {
  estate.edit("zones.yaml", (text) => text.replaceAll("mode: create", "mode: existing"));
  release(GOOD);
  await estate.start();
  const first = await run(0, "up", "--yes", "--stack", "prod", ...CELL);
  // Nobody is asked where everything is new.
  expect(first).not.toHaveProperty("health");
  release(BAD);
});
afterAll(() => estate.remove());

it("takes back a release that answers 500 on one of its hosts, and refuses it afterwards", async () => {
  await onHosts("two-qmoney-de", 500);
  const up = await run(1, "up", "--yes", ...CELL);
  expect(up).toMatchObject({
    ok: false,
    total: { changed: 2 },
    health: { verdict: "fail", figures: { sites: 2, failed: 1, examples: ["two.qmoney.de"] } },
    rollback: { ok: true, failing: [], hosts: rows.map(({ name }) => `${name}.qmoney.de`), bad: [`acme/sites@${BAD}`] },
  });
  expect(await all()).toEqual([GOOD, GOOD]);
  await whole();
  const events = eventsOf(up.run);
  expect(events.map(({ event }) => event).filter((event) => !event.startsWith("stack-"))).toEqual([
    "run-started",
    "preflight",
    "run-watched",
    "run-ended",
    "run-judged",
    "run-went-back",
    "escalated",
  ]);
  // The evidence was there before anything went back, and says what was seen.
  expect(readFileSync(up.health.evidence, "utf8")).toContain('"status":500');
  expect(events.at(-1)).toMatchObject({ evidence: up.health.evidence, figures: { failed: 1 } });
  expect(await run(1, "up", "--yes", ...CELL)).toMatchObject({ error: { code: "release.bad" } });
});

it("judges a change of settings, for which the same commit is built again; with --no-rollback it only reports", async () => {
  await onHosts("nobody", 500);
  release(GOOD);
  estate.writeSites(rows.map((row) => (row.name === "one" ? { ...row, framework: "astro" } : row)));
  // From the moment on in which the site has been asked for the first time its release answers 500.
  const asked = during("run-watched", () => onHosts("one-qmoney-de", 500, GOOD));
  const [up] = await Promise.all([run(1, "up", "--yes", "--no-rollback", ...CELL), asked]);
  expect(up).toMatchObject({ total: { changed: 2 }, health: { verdict: "fail", figures: { sites: 1, failed: 1 } } });
  expect(up).not.toHaveProperty("rollback");
  expect((await run(0, "preview", ...CELL)).steps).toEqual([]);
  // What fails before already is not held against a run.
  estate.writeSites(rows);
  expect(await run(0, "up", "--yes", ...CELL)).toMatchObject({ health: { verdict: "pass" } });
});

it.each([
  ["run-ended", "judges it and takes it back", ["up", "--yes", "--resume"]],
  ["run-judged", "takes it back", ["rollback", "--resume"]],
] as const)("killed after %s, the run that goes on %s", async (event, _, command) => {
  await run(0, "release", "clear", "--all");
  release(BAD);
  await onHosts("two-qmoney-de", 500);
  let killed = "";
  const ended = estate.run(
    process.execPath,
    [join(PROJECT_ROOT, "cli/sitefleet.js"), ...["--sandbox", "--catalog", estate.catalog, "up", "--yes", ...CELL]],
    undefined,
    (child) => {
      void during(event, async (id) => {
        killed = id;
        for (const { pid } of descendants(child.pid as number)) process.kill(pid, "SIGKILL");
      });
    },
  );
  await ended;
  expect(killed).not.toBe("");
  expect(await all()).toEqual([BAD, BAD]);
  if (event === "run-judged") {
    // Nothing differs from the catalog, and yet this is no success.
    expect(await run(1, "up", "--yes", ...CELL)).toMatchObject({ error: { code: "run.goes-back", subject: killed } });
  }
  expect(await run(1, ...command, killed)).toMatchObject({ health: { verdict: "fail" }, rollback: { ok: true } });
  expect(await all()).toEqual([GOOD, GOOD]);
  await whole();
  release(GOOD);
  expect((await run(0, "preview", "--refresh", ...CELL)).steps).toEqual([]);
});

it("an update that fails is no reason to go back; what was seen of the deployment is kept, and named", async () => {
  await run(0, "release", "clear", "--all");
  release(BAD);
  await put("/vercel", { releases: [{ match: { project: "two-qmoney-de", commit: BAD }, serve: { status: 500 } }] });
  const up = await run(1, "up", "--yes", ...CELL);
  expect(up).toMatchObject({ health: { verdict: "pass", figures: { sites: 2, failed: 0 } } });
  expect(up).not.toHaveProperty("rollback");
  const file = /evidence: (\S+\/check-[^\s/]+\.json)/.exec(JSON.stringify(up.failed))?.[1]?.replace(/\\n.*/, "");
  expect(readFileSync(file as string, "utf8")).toContain('"status":500');
  expect(await live("two")).toBe(GOOD);
});

/** Does something as soon as a run that begins from now on has written an event. */
async function during(event: string, work: (run: string) => Promise<unknown>): Promise<void> {
  const before = new Set(readdirSync(journals()));
  for (;;) {
    const name = readdirSync(journals()).find((one) => !before.has(one));
    if (name !== undefined && readFileSync(join(journals(), name), "utf8").includes(`"event":"${event}"`)) {
      await work(name.replace(".jsonl", ""));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
