import { get } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stackOf } from "../../catalog/index.ts";
import { compareWithState } from "../../sandbox/compare.ts";
import { Estate, type Row } from "../support/estate.ts";

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
const estate = new Estate(rows);

const release = (commit: string) =>
  estate.edit("releases.yaml", (text) => text.replace(/(stable:\n\s+ref: )"[0-9a-f]{40}"/, `$1"${commit}"`));
const run = async (code: number, ...args: string[]) => {
  const ran = await estate.sitefleet(...args, "--json");
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return JSON.parse(ran.stdout);
};
/** The commit that the site's host serves. `fetch` keeps the host name to itself. */
const live = (name: string) =>
  new Promise<string | undefined>((resolve, reject) => {
    const { hostname, port } = new URL(estate.info.urls.web);
    const call = get({ hostname, port, headers: { host: `${name}.qmoney.de` } }, (answer) => {
      let text = JSON.stringify(answer.headers);
      answer.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      answer.on("end", () => resolve(/a{40}|b{40}/.exec(text)?.[0]));
    });
    call.on("error", reject);
  });
const all = () => Promise.all(rows.map(({ name }) => live(name)));
const stacks = [
  "prod",
  ...new Set(
    rows.map(({ name, tags = "" }) => stackOf({ host: `${name}.qmoney.de`, tags: tags === "" ? [] : [tags] })),
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

it("stops at a wave with a release that answers 500, takes it back, and the next rollout refuses it", async () => {
  const plan = await run(0, "rollout", "--plan");
  const canary = ["one.qmoney.de", "two.qmoney.de"];
  expect(plan.waves.map(({ name }: { name: string }) => name)).toEqual(["canary", "all"]);
  expect(plan.waves[0].hosts).toEqual({ "prod-cell-canary": canary });
  await estate.control("/vercel", {
    method: "PUT",
    body: JSON.stringify({ releases: [{ match: { project: "two-qmoney-de", commit: BAD }, serve: { status: 500 } }] }),
    headers: { "content-type": "application/json" },
  });
  const stopped = await run(1, "rollout", "--yes");
  expect(stopped).toMatchObject({
    ok: false,
    status: "stopped",
    waves: [
      { name: "canary", step: "rolled-back", verdict: "fail", figures: { sites: 2, failed: 1 } },
      { name: "all", step: "waiting" },
    ],
  });
  expect(await all()).toEqual(rows.map(() => GOOD));
  const { missing, orphans } = await compareWithState(estate.info);
  expect({ missing, orphans }).toEqual({ missing: [], orphans: [] });
  const { events } = await run(0, "rollout", "status");
  expect(events.map(({ event }: { event: string }) => event)).toEqual([
    "started",
    "wave-started",
    "wave-applied",
    "wave-checked",
    "wave-rolled-back",
    "escalated",
    "ended",
  ]);
  expect(await run(1, "rollout", "--yes")).toMatchObject({ error: { code: "release.bad" } });
});

it("brings a good release to all, after which nothing differs", async () => {
  await estate.control("/vercel", {
    method: "PUT",
    body: JSON.stringify({ releases: [] }),
    headers: { "content-type": "application/json" },
  });
  await run(0, "release", "clear", "--all");
  const done = await run(0, "rollout", "--yes");
  expect(done).toMatchObject({ ok: true, status: "done" });
  expect(await all()).toEqual(rows.map(() => BAD));
  const preview = await run(0, "preview", ...STACKS);
  expect(preview.changes).toEqual([]);
});
