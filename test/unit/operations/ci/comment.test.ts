import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildChangeSet, type ChangeSet, changeSetJson } from "../../../../fleet/change-set/index.ts";
import { ciComment } from "../../../../operations/ci/comment.ts";
import { commentText, headOf, MARK, markStale, nextComment } from "../../../../operations/ci/comment-text.ts";
import { perform } from "../../../../operations/kit/operation.ts";
import { createContext, type Served, serve } from "../../../../sandbox/core/index.ts";
import { createGithub } from "../../../../sandbox/github/index.ts";
import { comments } from "../../../../vendors/github/comments.ts";
import { anyTold, DOMAIN, event, oneRelease, PROJECT, RECORD, result, run } from "../../fleet/change-set/world.ts";

// What breaks when these fail: a reviewer reads of an older push, does not see who must approve, or gets a comment a push; or another's text is taken for ours.

const [A, B, C] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [string, string, string];
const LINK = "https://github.com/acme/estate/actions/runs/4711#artifacts";
/** GitHub's longest comment, characters. */
const MOST = 65_536;
const plan = (seconds: number, reason: string, more: object[] = []) => ({
  seconds,
  strategy: { kind: "batch" as const, reason, first: [], quietHours: false },
  limits: more as never[],
});
const verdict = (rule: string, sentence: string, area: string) => ({
  rule,
  severity: "approve" as const,
  sentence,
  area,
  approvals: 1,
  examples: [],
});

const three = buildChangeSet(
  run(
    ...["a.qmoney.de", "b.qmoney.de", "c.qmoney.de"].map((name, index) => {
      const stack = `prod-cell-0${index}`;
      const change = { old: { framework: "nextjs" }, new: { framework: "astro" }, diffs: ["framework"] };
      return result(stack, [event({ op: "update", name, stack, ...change })]);
    }),
  ),
  { createdAt: new Date("2026-11-29T12:00:00Z"), target: "production" },
);
const released: ChangeSet = {
  ...oneRelease(1041),
  createdAt: "2026-11-29T12:00:00.000Z",
  target: "production",
  gates: {
    asks: true,
    verdicts: [
      verdict("many-sites", "1041 sites change in one run, more than 50", "general"),
      verdict("window-mass", "1041 sites change outside of 02:00–04:00 UTC", "general"),
    ],
  },
  cost: {
    builds: 1041,
    amount: 29.15,
    currency: "USD",
    monthly: { projects: 0, amount: 0, currency: "USD" },
    dependsOn: [],
    on: "2026-11-29",
    sentences: ["this release builds 1041 projects: about $29.15"],
  },
  undo: { answer: "yes", reasons: [] },
};
const deleted = buildChangeSet(
  run(
    result("prod-cell-07", [
      event({ op: "delete", type: PROJECT, name: "old.qmoney.de", old: { name: "old" } }),
      event({ op: "delete", type: DOMAIN, name: "old.qmoney.de", old: { domain: "old.qmoney.de" } }),
      event({ op: "delete", type: RECORD, name: "old.qmoney.de/CNAME", old: { name: "old", type: "CNAME" } }),
    ]),
  ),
  {
    createdAt: new Date("2026-11-29T12:00:00Z"),
    target: "production",
    gates: {
      asks: true,
      verdicts: [
        verdict("delete-project", "1 project is deleted", "general"),
        verdict("delete-domain", "1 domain is deleted", "dns"),
      ],
    },
  },
);
const binding = { vendor: "vercel", what: "builds at once", binds: { from: "", until: "", seconds: 9 } };

it.each([
  ["three-sites", three, plan(95, "3 sites changed, no more than 5: done at once")],
  [
    "one-release",
    released,
    plan(5400, "1041 sites in 64 stacks changed, more than 5: queued over the cells", [binding]),
  ],
  ["one-delete", deleted, plan(20, "1 stack changed, no more than 5: done at once")],
])("the comment on %s is as it was agreed", async (name, set, how) => {
  const text = commentText({ head: A, set, plan: how as never, link: LINK });
  expect(text.length).toBeLessThan(MOST);
  await expect(text).toMatchFileSnapshot(`golden/${name}.md`);
});

it("stays below GitHub's limit whatever changes, also when it is out of date", () => {
  const many = fc.array(anyTold, { maxLength: 10 });
  fc.assert(
    fc.property(many, (some) => {
      const wide = Array.from({ length: 40 }, () => some).flat();
      const set = buildChangeSet(run(result("prod-cell-07", wide.map(event))), { createdAt: new Date(0) });
      const text = markStale(
        commentText({ head: A, set, plan: plan(1, "x".repeat(9_000)) as never, link: LINK }),
        "y".repeat(9_000),
      );
      expect(text.length).toBeLessThan(MOST);
      expect(headOf(text)).toBe(A);
    }),
    { numRuns: 4 },
  );
});

describe("which text is written", () => {
  const parts = { link: LINK, plan: undefined };
  const of = (head: string, more: object = {}) => ({
    ...parts,
    head,
    set: three,
    stale: false,
    before: undefined,
    newest: head,
    ...more,
  });
  const first = commentText({ ...parts, head: A, set: three });

  it("of a newer push in place of the older", () => {
    expect(headOf(nextComment(of(B, { before: first })) ?? "")).toBe(B);
  });
  it("says that what stands there is out of date while the newer one is previewed, once", () => {
    const stale = nextComment(of(B, { stale: true, before: first })) ?? "";
    expect(stale).toContain("**Out of date.** bbbbbbb is being previewed; below is what aaaaaaa would do.");
    const again = nextComment(of(C, { stale: true, before: stale })) ?? "";
    expect(again.match(/Out of date/g)).toHaveLength(1);
    expect(again.endsWith(first.slice(first.indexOf("What `")))).toBe(true);
  });
  it("nothing to say of a comment that is not there, or that is of this push", () => {
    expect(nextComment(of(A, { stale: true }))).toBeUndefined();
    expect(nextComment(of(A, { stale: true, before: first }))).toBeUndefined();
  });
  it("a run that comes late takes nothing back", () => {
    expect(nextComment(of(A, { newest: B, before: commentText({ ...parts, head: B, set: three }) }))).toBeUndefined();
    expect(nextComment(of(A, { newest: B }))).toContain("bbbbbbb was pushed since");
  });
  it("a preview without a result keeps the last one, and says so", () => {
    expect(nextComment(of(B, { set: undefined, before: first }))).toContain(
      "the preview of bbbbbbb came to no result; below",
    );
    expect(nextComment(of(A, { set: undefined }))).toContain("came to no result");
  });
});

describe("at GitHub", () => {
  let api: Served;
  let dir: string;
  const at = (path: string, init?: RequestInit) =>
    fetch(new URL(`/repos/acme/estate${path}`, api.url), { ...init, headers: { authorization: "Bearer t" } });
  const push = (head: string) =>
    at("/sandbox", {
      method: "PUT",
      body: JSON.stringify({ pulls: [{ number: 1, user: { id: 5, login: "dev" }, head }] }),
    });
  const said = async () => (await (await at("/issues/1/comments")).json()) as { id: number; body: string }[];
  const comment = (head: string, more: object = {}) =>
    perform(
      ciComment,
      { pull: 1, head, repository: "acme/estate", ...more },
      {
        estate: { catalogDir: "catalog", configFile: "", env: { GITHUB_BASE_URL: api.url, GITHUB_TOKEN: "t" } },
      },
    );
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "sitefleet-comment-"));
    writeFileSync(join(dir, "changes.json"), changeSetJson(three));
    api = await serve(
      createGithub(createContext({ options: { github: { repositories: ["acme/estate"], login: "bot" } } })),
      {},
    );
    // A pull request is an issue as well.
    await at("/issues", { method: "POST", body: JSON.stringify({ title: "A change" }) });
    await push(A);
  });
  afterEach(() => api.close());

  it("a second push updates the same comment", async () => {
    expect((await comment(A, { changes: dir })).document.done).toBe("made");
    const [made] = await said();
    expect((await comment(A, { changes: dir })).document.done).toBe("unchanged");
    await push(B);
    expect((await comment(B, { stale: true })).document.done).toBe("updated");
    expect((await said())[0]?.body).toContain("Out of date");
    expect((await comment(B, { changes: dir })).document.done).toBe("updated");
    const after = await said();
    expect(after.map(({ id }) => id)).toEqual([made?.id]);
    expect(headOf(after[0]?.body ?? "")).toBe(B);
    expect(after[0]?.body).not.toContain("Out of date");
    expect((await comment(A, { changes: dir })).document.done).toBe("left");
  });

  it("is told what is wrong: no token, no pull request, no repository", async () => {
    await expect(comment(A, { pull: 7 })).rejects.toMatchObject({ code: "ci.comment" });
    await expect(comment(A, { repository: "../x" })).rejects.toMatchObject({ code: "usage" });
    await expect(comment("HEAD")).rejects.toMatchObject({ code: "usage" });
    await expect(
      perform(
        ciComment,
        { pull: 1, head: A, repository: "acme/estate" },
        { estate: { catalogDir: "", configFile: "", env: {} } },
      ),
    ).rejects.toMatchObject({ code: "ci.comment" });
  });

  it("a text of another account that begins as ours is not ours, whatever account the token is of", async () => {
    const forged = {
      id: 9,
      user: { id: 2, login: "x", type: "User" },
      body: `${MARK} head=${A} -->\nNothing is deleted.`,
    };
    const bot = {
      id: 10,
      user: { id: 3, login: "github-actions[bot]", type: "Bot" },
      body: `${MARK} head=${A} -->\nold`,
    };
    for (const [status, there, wanted] of [
      [200, [forged], "POST /api/v3/repos/acme/estate/issues/1/comments"],
      [403, [forged], "POST /api/v3/repos/acme/estate/issues/1/comments"],
      [403, [forged, bot], "PATCH /api/v3/repos/acme/estate/issues/comments/10"],
    ] as const) {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        const { url = "" } = request;
        response.statusCode = url.endsWith("/user") ? status : 200;
        response.end(JSON.stringify(url.endsWith("/user") ? { id: 1 } : url.includes("page=") ? there : {}));
      });
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const place = { repository: "acme/estate", number: 1, mark: MARK };
      await comments.keep(place, () => "text", { GITHUB_BASE_URL: url, GITHUB_TOKEN: "t" });
      expect(asked.at(-1)).toBe(wanted);
      server.close();
    }
  });
});
