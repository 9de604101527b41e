// What breaks when these fail: a deployment, tag or issue stands there twice or not at all, or a commit shows what is not so.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { directoryStore } from "../../../fleet/backend/store/directory-store.ts";
import { EventStream } from "../../../fleet/events/stream.ts";
import type { RunEvent } from "../../../fleet/events/types.ts";
import { publishing } from "../../../fleet/report/index.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { report } from "../../../operations/report.ts";
import { createContext, createFaultController, type Served, serve } from "../../../sandbox/core/index.ts";
import { createGithub } from "../../../sandbox/github/index.ts";
import { tempDir } from "../plesk/support/temp.ts";

const faults = createFaultController();
const github = createGithub(createContext({ options: { github: { repositories: ["acme/estate"] } } }));
const fresh = github.snapshot();
let hub: Served;
beforeAll(async () => {
  hub = await serve(github, { faults });
});
afterAll(() => hub.close());

let dir: string;
const store = () => directoryStore(join(dir, "state"));
const NOTIFY = "publish: { repository: acme/estate, environment: production }\n";
const declare = (text: string) => writeFileSync(join(dir, "catalog/notify.yaml"), text);
beforeEach(() => {
  dir = tempDir("sitefleet-publish-");
  mkdirSync(join(dir, "catalog"));
  declare(NOTIFY);
  faults.clear();
  github.restore(structuredClone(fresh));
});
const TOKEN = `ghp_${"t".repeat(36)}`;
const publish = (env: Record<string, string | undefined> = {}) =>
  perform(
    report,
    { run: "4711", publish: true },
    {
      estate: {
        catalogDir: join(dir, "catalog"),
        configFile: join(dir, "Pulumi.prod.yaml"),
        env: {
          ...process.env,
          SITEFLEET_STATE_DIR: join(dir, "state"),
          GITHUB_BASE_URL: `${hub.url}/`,
          GITHUB_TOKEN: TOKEN,
          ...env,
        },
      },
    },
  );

interface Held {
  readonly deployments: readonly {
    sha: string;
    payload: unknown;
    statuses: readonly { state: string; description: string }[];
  }[];
  readonly statuses: readonly { sha: string; state: string; context: string; description: string }[];
  readonly refs: readonly { ref: string; sha: string }[];
  readonly issues: readonly { title: string; body: string; state: string; labels: readonly string[] }[];
}
const held = () => (github.snapshot() as { repositories: readonly Held[] }).repositories[0] as Held;
const didOf = ({ document }: Awaited<ReturnType<typeof publish>>) =>
  "published" in document
    ? document.published?.parts.map(({ what, did }) => `${what.split(" ")[0]} ${did}`)
    : undefined;

const COMMIT = "9fceb02d0ae598e95dc970b74767f19372d61af8";
let seq = 0;
const keep = async (...events: RunEvent[]) => {
  const stream = new EventStream(store(), `20261128T08000${seq++ % 10}Z-aaaaaa.4711`, (text) => text);
  for (const event of events) stream.add(event);
  await stream.flush();
};
const started = { event: "started", operation: "up", by: "eva", target: "prod", total: 1, commit: COMMIT } as const;
const stack = (ok = true): RunEvent => ({
  event: "stack-ended",
  stack: "prod-cell-00",
  ok,
  counts: { created: 0, changed: 3, replaced: 0, deleted: 0, unchanged: 9 },
  errors: ok ? [] : [`a: failed with ${TOKEN}`],
});
const ended = (ok = true): RunEvent => ({ event: "ended", ok, exitCode: ok ? 0 : 1, milliseconds: 5 });

it("a run is shown while it goes on and at its end, each thing once", async () => {
  await keep(started, stack());
  expect(didOf(await publish())).toEqual(["status made", "deployment made", "issue made"]);
  expect(held()).toMatchObject({
    statuses: [{ sha: COMMIT, state: "pending", context: "sitefleet/prod" }],
    deployments: [{ sha: COMMIT, payload: { sitefleet: "4711" }, statuses: [{ state: "in_progress" }] }],
    issues: [{ title: "Deployment 4711", state: "open", labels: ["sitefleet-deployment"] }],
    refs: [],
  });
  await store().remove("events/20261128T080000Z-aaaaaa.4711.jsonl");
  await keep(started, stack(), ended());
  const made = await publish();
  expect(made.exitCode).toBe(0);
  expect(didOf(made)).toEqual(["status made", "deployment changed", "tag made", "issue changed"]);
  expect(didOf(await publish())).toEqual([
    "status unchanged",
    "deployment unchanged",
    "tag unchanged",
    "issue unchanged",
  ]);
  // Also where nothing is remembered: what is there is found.
  await store().remove("reports/published.json");
  expect(didOf(await publish())).toEqual([
    "status unchanged",
    "deployment unchanged",
    "tag unchanged",
    "issue unchanged",
  ]);
  const { statuses, deployments, refs, issues } = held();
  expect(statuses.map(({ state }) => state)).toEqual(["pending", "success"]);
  expect(statuses[1]?.description).toMatch(/^done: 3 changed; \S+ min$/);
  expect(deployments.map(({ statuses: of }) => of.map(({ state }) => state))).toEqual([["in_progress", "success"]]);
  expect(refs).toEqual([{ ref: "refs/tags/deploy-4711", sha: COMMIT }]);
  expect(issues.map(({ state }) => state)).toEqual(["closed"]);
});

it("a run that failed has no tag, an issue that stays open, one for what went back, and no secret in any", async () => {
  await keep(started, stack(false), { event: "went-back", ok: true, what: "3 sites" }, ended(false));
  expect(didOf(await publish())).toEqual(["status made", "deployment made", "issue made", "incident made"]);
  const { statuses, deployments, refs, issues } = held();
  expect(statuses[0]).toMatchObject({ state: "failure" });
  expect(deployments[0]?.statuses[0]).toMatchObject({ state: "failure" });
  expect(refs).toEqual([]);
  expect(issues.map(({ state, labels }) => [state, labels[0]])).toEqual([
    ["open", "sitefleet-deployment"],
    ["open", "sitefleet-incident"],
  ]);
  expect(JSON.stringify(held())).not.toContain(TOKEN);
  // A receiver of notify.yaml that opens incidents as issues is enough.
  declare(`${NOTIFY}receivers: [ { kind: issue, name: issues, repository: acme/estate } ]\n`);
  expect(didOf(await publish())).toEqual(["status unchanged", "deployment unchanged", "issue unchanged"]);
});

describe("without a place or a token", () => {
  it.each([
    ["receivers: []\n", {}, "notify.yaml declares no `publish`: nothing was published"],
    [NOTIFY, { GITHUB_TOKEN: "" }, "GITHUB_TOKEN is not set: nothing was published"],
  ])("nothing happens, and that is said", async (text, env, note) => {
    declare(text);
    await keep(started, stack(), ended());
    const { document, exitCode } = await publish(env);
    expect(document).toMatchObject({ published: { note, parts: [] } });
    expect(exitCode).toBe(0);
    expect(held()).toMatchObject({ statuses: [], deployments: [], issues: [], refs: [] });
  });
});

describe("GitHub that does not take it", () => {
  const rule = (path: string, action: object, more: object = {}) =>
    faults.set({ faults: [{ id: "f", vendor: "github", method: "POST", path, action, ...more }] } as never);

  it.each(["/statuses/", "/deployments$", "/git/refs$", "/issues$"])(
    "an answer to %s that is lost makes nothing twice",
    async (path) => {
      rule(path, { type: "apply-then-fail" }, { times: 1 });
      await keep(started, stack(), ended());
      expect((await publish()).exitCode).toBe(0);
      const { statuses, deployments, refs, issues } = held();
      expect([statuses, deployments, refs, issues].map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    },
  );

  it("a limit is waited for; a right that is missing is told, and the rest is done", async () => {
    rule("/issues$", { type: "status", status: 429, retryAfter: 0.01 }, { times: 1 });
    await keep(started, stack(), ended());
    expect((await publish()).exitCode).toBe(0);
    github.restore(structuredClone(fresh));
    await store().remove("reports/published.json");
    rule("/statuses/", { type: "status", status: 403 });
    const { document, exitCode } = await publish();
    expect(exitCode).toBe(1);
    const parts = "published" in document ? document.published?.parts : [];
    expect(parts?.map(({ did }) => did)).toEqual(["failed", "made", "made", "made"]);
    expect(parts?.[0]?.reason).toMatch(
      /^acme\/estate: GitHub did not take it: POST \/statuses\/\S+ was answered with 403/,
    );
  });

  it("a tag that is elsewhere is left alone", async () => {
    await keep(started, stack(), ended());
    await publish();
    const moved = structuredClone(github.snapshot()) as { repositories: { refs: { sha: string }[] }[] };
    for (const one of moved.repositories) for (const ref of one.refs) ref.sha = "0".repeat(40);
    github.restore(moved);
    const { document } = await publish();
    const tag =
      "published" in document ? document.published?.parts.find(({ what }) => what.startsWith("tag")) : undefined;
    expect(tag).toMatchObject({ did: "failed" });
    expect(held().refs[0]?.sha).toBe("0".repeat(40));
  });
});

it("of two at once one publishes, and what a gone process held is free", async () => {
  const held = Promise.withResolvers<void>();
  const first = publishing(store(), "r", async () => {
    await held.promise;
    return { handles: { issue: "7" }, result: "first" };
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = () => publishing(store(), "r", async (handles) => ({ handles: {}, result: handles }));
  await expect(second()).rejects.toMatchObject({ code: "report.busy" });
  held.resolve();
  expect(await first).toBe("first");
  expect(await second()).toEqual({ issue: "7" });
  await expect(publishing(store(), "r", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await second()).toEqual({ issue: "7" });
  await store().put("reports/published.json", "[{");
  expect(await second()).toEqual({});
});
