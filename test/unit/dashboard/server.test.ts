// What breaks when these fail: a page of another origin reads the estate or aborts a rollout, or a page that was away shows old figures as new.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { exportTo } from "../../../dashboard/index.ts";
import { patched, whole } from "../../../dashboard/page/state.ts";
import { dashboardApp } from "../../../dashboard/server/app.ts";
import { Feed } from "../../../dashboard/server/feed.ts";
import { SitefleetError } from "../../../errors/index.ts";
import type { Overview } from "../../../fleet/overview/index.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { overview as operation } from "../../../operations/overview.ts";
import { tempDir } from "../plesk/support/temp.ts";

const TOKEN = "t".repeat(43);
const site = (host: string, verdict: "pass" | "fail") => ({
  host,
  cell: "00",
  zone: "example.org",
  channel: "stable",
  verdict,
});
const overview = (at: number, more: object = {}): Overview =>
  ({
    at: new Date(at).toISOString(),
    target: "prod",
    runs: [],
    sites: [site("a.example.org", "pass")],
    ...more,
  }) as unknown as Overview;

const asked: string[] = [];
let feeds: Feed[] = [];
afterEach(() => {
  for (const feed of feeds) feed.close();
  feeds = [];
  asked.length = 0;
});

function world(reads: () => Overview = () => overview(1e12)) {
  const feed = new Feed({ read: async () => reads(), everyMs: 5 });
  feeds.push(feed);
  const app = dashboardApp({
    token: TOKEN,
    feed,
    assets: new Map([["/", { type: "text/html", text: "<!doctype html>" }]]),
    detail: async () => undefined,
    actions: {
      pause: async () => void asked.push("pause"),
      abort: async (keep) => {
        if (keep)
          throw new SitefleetError({ code: "rollout.unattended", message: "no process", hint: "at a terminal" });
        asked.push("abort");
      },
    },
  });
  const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    app.fetch(new Request(`http://127.0.0.1:1${path}`, { ...init, headers: { host: "127.0.0.1:1", ...headers } }));
  return { feed, ask };
}
const authorization = `Bearer ${TOKEN}`;

it("answers its own page with the token, and no other", async () => {
  const { ask } = world();
  const status = async (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
    (await ask(path, headers, init)).status;
  expect(await status("/", {})).toBe(200);
  for (const path of ["/api/overview", "/api/events", "/api/site?host=a"]) {
    expect(await status(path, {})).toBe(401);
    expect(await status(path, { authorization: "Bearer wrong" })).toBe(401);
    expect(await status(path, { authorization, origin: "https://evil.example" })).toBe(403);
    expect(await status(path, { authorization, origin: "http://localhost:3000" })).toBe(403);
    expect(await status(path, { authorization, origin: "null" })).toBe(403);
    expect(await status(path, { authorization, host: "evil.example:1" })).toBe(403);
    expect(await status(path, { authorization, host: "127.0.0.1.evil.example" })).toBe(403);
  }
  expect(await status("/api/overview", { authorization, origin: "http://127.0.0.1:1" })).toBe(200);
  const post = { method: "POST", body: "{}" };
  for (const path of ["/api/pause", "/api/abort"]) {
    expect(await status(path, {}, post)).toBe(401);
    expect(await status(path, { authorization, origin: "https://evil.example" }, post)).toBe(403);
    expect(await status(path, { authorization })).toBe(404);
  }
  expect(asked).toEqual([]);
  const answer = await ask("/", {});
  expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
});

it("has two writes, and tells why one is refused", async () => {
  const { ask } = world();
  const post = (path: string, body: string) => ask(path, { authorization }, { method: "POST", body });
  expect((await post("/api/pause", "{}")).status).toBe(200);
  expect((await post("/api/abort", '{"keep":false}')).status).toBe(200);
  expect(asked).toEqual(["pause", "abort"]);
  const refused = await post("/api/abort", '{"keep":true}');
  expect([refused.status, await refused.json()]).toMatchObject([
    409,
    { code: "rollout.unattended", hint: "at a terminal" },
  ]);
  for (const body of ["", "{}", "[", '{"keep":1}', '{"keep":true,"x":1}', " ".repeat(2000)])
    expect((await post("/api/abort", body)).status).toBe(400);
  for (const path of ["/api/resume", "/api/promote", "/api/rollback", "/api/up"])
    expect((await post(path, "{}")).status).toBe(404);
  for (const path of ["/../package.json", "/main.ts", "/%2e%2e/x"]) expect((await ask(path)).status).toBe(404);
});

it("a page that was away catches up to the same picture, whatever it missed", async () => {
  let at = 1e12;
  let verdict: "pass" | "fail" = "pass";
  const { feed } = world(() =>
    overview(at, { target: `prod ${at}`, sites: [site("a.example.org", verdict), site("b.example.org", "pass")] }),
  );
  let page = whole(await feed.look());
  const versions = [page.version];
  for (let step = 0; step < 5; step++) {
    at += 1000;
    verdict = step % 2 === 0 ? "fail" : "pass";
    versions.push((await feed.look()).version);
  }
  const missed = feed.since(page.version);
  expect(missed).toHaveLength(5);
  for (const patch of missed ?? []) page = patched(page, patch);
  const now = await feed.look();
  for (const patch of feed.since(versions.at(-1) ?? "") ?? []) page = patched(page, patch);
  expect(page).toEqual(whole(now));
  // Of another start of the server: all is read anew.
  expect(feed.since("other-1")).toBeUndefined();
});

it("tells a page what changes, and ends with it", async () => {
  let at = 1e12;
  const { ask, feed } = world(() => {
    at += 1000;
    return overview(at);
  });
  const { version } = await feed.look();
  const answer = await ask(`/api/events?after=${version}`, { authorization });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader?.read();
  expect(first?.value).toContain("event: patch\n");
  await reader?.cancel();
  const stale = await ask("/api/events?after=gone", { authorization });
  const other = stale.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await other?.read())?.value).toContain("event: reload\n");
  await other?.cancel();
});

it("follows 32 pages, refuses the thousandth, and has room again when one goes", async () => {
  const { ask, feed } = world();
  await feed.look();
  const all = await Promise.all(Array.from({ length: 1000 }, () => ask("/api/events?after=x", { authorization })));
  const open = all.filter(({ status }) => status === 200);
  expect(open).toHaveLength(32);
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200, 503]));
  await open[0]?.body?.cancel();
  const [next, over] = [
    await ask("/api/events?after=x", { authorization }),
    await ask("/api/events?after=x", { authorization }),
  ];
  expect([next.status, over.status]).toEqual([200, 503]);
  await Promise.all([next, ...open.slice(1)].map(({ body }) => body?.cancel()));
});

it("a look that fails ends no page: the next one that succeeds is told", async () => {
  let [at, fails] = [1e12, false];
  const { ask, feed } = world(() => {
    if (fails) throw new Error("no network");
    at += 1000;
    return overview(at);
  });
  const { version } = await feed.look();
  fails = true;
  const answer = await ask(`/api/events?after=${version}`, { authorization });
  await expect(feed.look()).rejects.toThrow("no network");
  expect((await ask("/api/overview", { authorization })).status).toBe(500);
  fails = false;
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain(`"before":"${version}"`);
  await reader?.cancel();
});

it("writes a snapshot in which a hostile text is a text", async () => {
  const dir = tempDir("sitefleet-snapshot-");
  mkdirSync(join(dir, "evidence"), { recursive: true });
  const host = "kredit-wien.qmoney.de";
  const hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u0000\u001b[31m</title>\"'";
  const evidence = [
    {
      at: new Date().toISOString(),
      url: `https://${host}/`,
      status: 500,
      headers: { server: hostile },
      excerpt: hostile,
    },
  ];
  const vantages = [
    { vantage: "here", verdict: "fail", findings: [{ about: "marker", verdict: "fail", text: hostile }], evidence },
  ];
  const result = { id: host, kind: "site", verdict: "fail", reason: hostile, vantages };
  writeFileSync(join(dir, "evidence", "health-20261129T080000Z-abcdef.jsonl"), `${JSON.stringify(result)}\n`);
  const env = { ...process.env, SITEFLEET_STATE_DIR: dir, PULUMI_BACKEND_URL: `file://${dir}` };
  const estate = {
    catalogDir: join(import.meta.dirname, "../../../catalog"),
    configFile: join(dir, "Pulumi.prod.yaml"),
    env,
  };
  const { document } = await perform(operation, { sites: true, site: host }, { estate });
  expect(operation.output.parse(document)).toBeDefined();
  expect(document.up).toMatchObject({ state: "down", failing: 1, failures: [{ host }] });
  exportTo(join(dir, "public"), document);
  const text = readFileSync(join(dir, "public", "index.html"), "utf8");
  expect(text.includes("&lt;script>alert(1)")).toBe(true);
  for (const never of ["<script", "<img", "\u202e", "\0", "\u001b"]) expect(text.includes(never)).toBe(false);
  // Everything is there without a program.
  for (const { host: each } of document.sites ?? []) expect(text.includes(each)).toBe(true);
  expect(text.includes("Building everything takes")).toBe(true);
});
