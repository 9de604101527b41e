import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createContext,
  createFaultController,
  type FaultController,
  type Served,
  serve,
} from "../../../sandbox/core/index.ts";
import { createGithub } from "../../../sandbox/github/index.ts";
import { reviews } from "../../../vendors/github/reviews.ts";
import type { ReviewQuestion } from "../../../vendors/reviews.ts";

// Breaks when a run hears a yes that GitHub does not tell, misses a no that it does, or waits for a GitHub that is not there.

const [BASE, HEAD, MERGE] = ["b".repeat(40), "1".repeat(40), "e".repeat(40)];
const LINE = "approve digest id";
const PATH = "/repos/acme/estate";
const AT = `/api/v3${PATH}/commits/${MERGE}/pulls`;
let api: Served;
let faults: FaultController;
let env: Record<string, string>;
beforeEach(async () => {
  const vendor = createGithub(
    createContext({ options: { github: { repositories: ["acme/estate"], login: "maria" } } }),
  );
  faults = createFaultController();
  api = await serve(vendor, { faults });
  env = { GITHUB_BASE_URL: api.url, GITHUB_TOKEN: "t" };
});
afterEach(() => api.close());

async function call(method: string, path: string, body?: object) {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(new URL(`${PATH}${path}`, api.url), {
    method,
    headers: { authorization: "Bearer t" },
    ...init,
  });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}
const user = (id: number, login = `u${id}`, type = "User") => ({ id, login, type });
const said = (id: number, more = {}) => ({
  id,
  user: user(7),
  state: "APPROVED",
  body: LINE,
  commit_id: HEAD,
  submitted_at: "2026-11-28T12:05:00Z",
  ...more,
});
const pull = (more = {}) => ({
  number: 12,
  user: user(5),
  head: HEAD,
  state: "closed",
  merged_at: "2026-11-28T12:00:00Z",
  merge_commit_sha: MERGE,
  commits: [{ sha: HEAD, author: user(6), committer: null }],
  ...more,
});
const commits = [{ sha: BASE }, { sha: HEAD, author: user(4) }, { sha: MERGE, author: user(3) }];
const question = (more: Partial<ReviewQuestion> = {}): ReviewQuestion => ({
  repository: "acme/estate",
  commit: MERGE,
  base: BASE,
  authors: ["5+u@users.noreply.github.com", "99+dev@users.noreply.github.com", "x@y.at"],
  text: "digest",
  accounts: [7, 8],
  ...more,
});
const QUICK = { callMs: 300, totalMs: 1500, pauseMs: 10 };
const read = (more: Partial<ReviewQuestion> = {}, own = env) => reviews.read(question(more), own, QUICK);

test("tells the reviews of what was merged, who wrote it, and which text was changed", async () => {
  await call("PUT", "/sandbox", {
    pulls: [pull({ reviews: [said(1), said(2, { user: user(8, "a[bot]", "Bot") })] })],
    commits,
  });
  const found = await read();
  expect(found.authors.toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 99]);
  expect(found.reviews).toMatchObject([
    {
      place: "pull request 12",
      by: { id: 7, person: true },
      state: "approved",
      commit: HEAD,
      wanted: HEAD,
      edited: false,
    },
    { by: { id: 8, person: false }, text: LINE },
  ]);
  expect(found.reviews[0]?.at).toEqual(new Date("2026-11-28T12:05:00Z"));
  await call("PUT", "/pulls/12/reviews/1", { body: `${LINE} ` });
  expect((await read()).reviews[0]).toMatchObject({ edited: true });
  await call("PUT", "/pulls/12/reviews/1/dismissals", { message: "no" });
  expect((await read()).reviews[0]).toMatchObject({ state: "dismissed" });
});

test("what stands on the last page is heard", async () => {
  const many = Array.from({ length: 205 }, (_, index) => said(index + 1, { body: "" }));
  await call("PUT", "/sandbox", {
    pulls: [pull({ reviews: [...many, said(300, { state: "CHANGES_REQUESTED" })] })],
    commits,
  });
  const found = await read();
  expect(found.reviews).toHaveLength(206);
  expect(found.reviews.at(-1)).toMatchObject({ state: "refused" });
});

test("an open pull request is asked when its head is carried out, not for a commit within it or the trial merge", async () => {
  const open = pull({ merged_at: null, state: "open", commits: [{ sha: "c".repeat(40) }], reviews: [said(1)] });
  await call("PUT", "/sandbox", { pulls: [open], commits: [...commits, { sha: "c".repeat(40) }] });
  expect((await read({ commit: HEAD })).reviews).toHaveLength(1);
  expect((await read({ commit: "c".repeat(40) })).reviews).toHaveLength(0);
  expect(await read()).toMatchObject({
    reviews: [],
    notes: ["no pull request of acme/estate has eeeeeeeeeeee as its head, or was merged as that"],
  });
});

test("tells the reviews of its own run, with its attempt and whether the environment is a gate", async () => {
  const approval = { state: "approved", comment: LINE, user: user(7), gates: ["production"] };
  const run = { id: 99, head_sha: MERGE, run_attempt: 1, approvals: [approval] };
  await call("PUT", "/sandbox", { commits, runs: [run] });
  const own = { ...env, GITHUB_RUN_ID: "99", GITHUB_RUN_ATTEMPT: "1", GITHUB_REPOSITORY: "Acme/Estate" };
  const one = async (more = {}) => (await read({}, { ...own, ...more })).reviews;
  expect(await one()).toMatchObject([{ form: "run", guarded: false }]);
  await call("PUT", "/environments/production", {});
  expect(await one()).toMatchObject([{ guarded: false }]);
  await call("PUT", "/environments/production", { reviewers: [{ type: "User", id: 7 }] });
  expect(await one()).toMatchObject([
    { guarded: true, attempt: 1, commit: MERGE, wanted: MERGE, text: LINE, state: "approved" },
  ]);
  expect(await one({ GITHUB_RUN_ATTEMPT: "2" })).toMatchObject([{ attempt: 2 }]);
  expect(await one({ GITHUB_RUN_ATTEMPT: "x" })).toMatchObject([{ attempt: 2 }]);
  expect(await one({ GITHUB_REPOSITORY: "mallory/estate" })).toEqual([]);
  expect(await one({ GITHUB_RUN_ID: "99/../98" })).toEqual([]);
  await call("PUT", "/sandbox", { runs: [{ ...run, run_attempt: 3 }] });
  expect(await one()).toMatchObject([{ attempt: 3 }]);
});

test("what it cannot tell completely it does not tell", async () => {
  await call("PUT", "/sandbox", { pulls: [pull({ reviews: [said(1)] })], commits });
  expect((await read({ repository: "acme/other" })).notes.join()).toContain("shows no commit");
  await expect(read({ base: "d".repeat(40) })).rejects.toMatchObject({ code: "approval.unread" });
  await expect(read({}, { GITHUB_BASE_URL: api.url, GITHUB_TOKEN: "" })).rejects.toThrow("GITHUB_TOKEN is not set");
  const failing = async (action: object, path = "") => {
    faults.set({ faults: [{ id: "f", vendor: "github", path, action }] } as never);
    const from = performance.now();
    const told = await read().then(
      () => "read",
      (error: Error & { code: string }) => `${error.code}: ${error.message}`,
    );
    return [told, performance.now() - from < 3000];
  };
  expect(await failing({ type: "status", status: 403 })).toEqual([
    `approval.unread: GitHub refuses the token at ${AT} (status 403)`,
    true,
  ]);
  expect(await failing({ type: "status", status: 500 })).toEqual([
    `approval.unread: GitHub does not answer at ${AT}: status 500`,
    true,
  ]);
  expect(await failing({ type: "status", status: 429, retryAfter: 3600 })).toEqual([
    `approval.unread: GitHub does not answer at ${AT}: status 429`,
    true,
  ]);
  expect((await failing({ type: "hang", ms: 60_000 }))[1]).toBe(true);
  expect(await failing({ type: "status", status: 502 }, "graphql")).toEqual([
    "approval.unread: GitHub does not answer at /api/graphql: status 502",
    true,
  ]);
});

test("an address that leads elsewhere, or answers no JSON, is none", async () => {
  let answer = (_path: string): [number, Record<string, string>, string] => [301, { location: "/x" }, "{}"];
  const server: Server = createServer((request, response) => {
    const [status, headers, body] = answer(request.url ?? "");
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = { ...env, GITHUB_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  await expect(read({}, own)).rejects.toThrow("leads elsewhere");
  answer = () => [403, { "x-ratelimit-remaining": "0" }, "{}"];
  await expect(read({}, own)).rejects.toThrow("status 429");
  answer = () => [200, {}, "<html>"];
  await expect(read({}, own)).rejects.toThrow("no JSON");
  answer = () => [200, {}, '{"message":"hello"}'];
  expect((await read({}, own)).reviews).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
});
