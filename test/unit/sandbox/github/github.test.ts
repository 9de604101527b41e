import { beforeEach, describe, expect, test } from "vitest";
import { github } from "./client.ts";

// What the GitHub provider's environment, secret and variable resources rely on, at both of the paths it uses.
const CANARY = "canary-51c7b0f2-plain-value";
let api: ReturnType<typeof github>;

beforeEach(() => {
  api = github({ secretsPerEnvironment: 3, secretBytes: 64 });
});

describe("repositories and people", () => {
  test("a repository has the same id everywhere, since state holds it", async () => {
    const one = (await api.call("GET", "/repos/acme/estate")).body;
    const other = (await github().call("GET", "/api/v3/repos/ACME/Estate")).body;
    expect(other.id).toBe(one.id);
    expect(one).toMatchObject({
      full_name: "acme/estate",
      default_branch: "main",
      owner: { login: "acme", type: "Organization" },
    });
    expect((await api.call("GET", `/repositories/${one.id}`)).body.full_name).toBe("acme/estate");
  });

  test("owners are organisations, the rest is not", async () => {
    expect((await api.call("GET", "/api/v3/orgs/acme")).body).toMatchObject({ login: "acme", type: "Organization" });
    expect((await api.call("GET", "/orgs/nobody")).status).toBe(404);
    expect((await api.call("GET", "/user")).body.login).toBe("sitefleet-bot");
  });

  test("credentials", async () => {
    const guarded = github({ tokens: ["good"] });
    const status = async (path: string, authorization?: string) =>
      (await guarded.call("GET", path, undefined, authorization === undefined ? {} : { authorization })).status;
    expect(await status("/user")).toBe(401);
    expect(await status("/user", "Bearer bad")).toBe(401);
    expect(await status("/user", "Bearer good")).toBe(200);
    expect(await status("/user", "token good")).toBe(200);
    expect(await status("/api/v3/meta")).toBe(200);
  });

  test("what is not served answers as GitHub does", async () => {
    const { status, body } = await api.call("GET", "/api/v3/no/such/route");
    expect([status, body.message]).toEqual([404, "Not Found"]);
    expect((await api.call("GET", "/api/v3/rate_limit")).body.message).toBe("Rate limiting is not enabled.");
    expect((await api.call("POST", "/api/graphql", { query: "{ viewer { login } }" })).body.errors).toHaveLength(1);
  });
});

describe("environments", () => {
  const path = "/api/v3/repos/acme/estate/environments/production";

  test("a PUT without reviewers wipes them, as the real one does", async () => {
    const rules = {
      wait_timer: 30,
      prevent_self_review: true,
      can_admins_bypass: false,
      reviewers: [
        { type: "User", id: 7 },
        { type: "Team", id: 8 },
      ],
      deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
    };
    const made = await api.call("PUT", path, rules);
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({
      name: "production",
      can_admins_bypass: false,
      created_at: "2026-01-01T00:00:00Z",
    });
    expect(made.body.protection_rules).toMatchObject([
      { type: "wait_timer", wait_timer: 30 },
      {
        type: "required_reviewers",
        prevent_self_review: true,
        reviewers: [
          { type: "User", reviewer: { id: 7 } },
          { type: "Team", reviewer: { id: 8 } },
        ],
      },
      { type: "branch_policy" },
    ]);
    expect(made.body.deployment_branch_policy).toEqual(rules.deployment_branch_policy);
    const wiped = await api.call("PUT", path, { reviewers: null, wait_timer: null, deployment_branch_policy: null });
    expect(wiped.body).toMatchObject({ id: made.body.id, protection_rules: [], deployment_branch_policy: null });
    expect((await api.call("GET", "/repos/acme/estate/environments")).body.total_count).toBe(1);
    expect((await api.call("DELETE", path)).status).toBe(204);
    expect((await api.call("GET", path)).status).toBe(404);
    expect((await api.call("DELETE", path)).status).toBe(404);
  });

  test.each([
    { wait_timer: 50_000 },
    { reviewers: Array.from({ length: 7 }, (_, n) => ({ type: "User", id: n + 1 })) },
    { reviewers: [{ type: "Robot", id: 1 }] },
    { deployment_branch_policy: { protected_branches: true, custom_branch_policies: true } },
  ])("%j is refused", async (body) => {
    expect((await api.call("PUT", path, body)).status).toBe(422);
    expect((await api.call("GET", path)).status).toBe(404);
  });

  test("reviewers of a private repository need a plan that has them", async () => {
    const closed = github({ repositories: [{ name: "acme/closed", private: true }] });
    const at = "/repos/acme/closed/environments/production";
    expect((await closed.call("PUT", at, { reviewers: [{ type: "User", id: 1 }] })).status).toBe(422);
    expect((await closed.call("PUT", at, {})).status).toBe(200);
  });

  test("names with a slash arrive escaped", async () => {
    await api.call("PUT", "/repos/acme/estate/environments/eu%2Fprod", {});
    expect((await api.call("GET", "/repos/acme/estate/environments/eu%2Fprod")).body.name).toBe("eu/prod");
  });
});

describe("secrets", () => {
  let base: string;
  beforeEach(async () => {
    await api.call("PUT", "/repos/acme/estate/environments/production", {});
    const { id } = (await api.call("GET", "/repos/acme/estate")).body;
    base = `/api/v3/repositories/${id}/environments/production/secrets`;
  });

  test("201 when new, 204 when known, listed without value, gone after DELETE", async () => {
    expect((await api.putSecret(base, "jwt_secret", CANARY)).status).toBe(201);
    expect((await api.putSecret(base, "JWT_SECRET", CANARY)).status).toBe(204);
    const byName = "/repos/acme/estate/environments/production/secrets";
    expect((await api.call("GET", byName)).body).toEqual({
      total_count: 1,
      secrets: [{ name: "JWT_SECRET", created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" }],
    });
    expect((await api.call("DELETE", `${base}/JWT_SECRET`)).status).toBe(204);
    expect((await api.call("GET", `${base}/JWT_SECRET`)).status).toBe(404);
  });

  test("the value arrives, and is in no answer, no state and no inventory", async () => {
    await api.putSecret(base, "A", CANARY);
    expect(api.vendor.holdsSecret("acme/estate", "production", "A", CANARY)).toBe(true);
    expect(api.vendor.holdsSecret("acme/estate", "production", "A", "other")).toBe(false);
    const seen = JSON.stringify([
      api.vendor.snapshot(),
      api.vendor.inventory(),
      (await api.call("GET", base)).body,
      (await api.call("GET", `${base}/A`)).body,
    ]);
    expect(seen).not.toContain(CANARY);
    expect(seen).not.toContain(Buffer.from(CANARY).toString("base64"));
  });

  test("garbage, another key, bad names and what is too large are refused", async () => {
    const { key_id } = (await api.call("GET", `${base}/public-key`)).body;
    const put = async (name: string, body: unknown) => (await api.call("PUT", `${base}/${name}`, body)).status;
    expect(await put("A", { key_id, encrypted_value: Buffer.from("garbage".repeat(20)).toString("base64") })).toBe(422);
    expect(await put("A", { key_id })).toBe(422);
    expect(await put("A", { encrypted_value: "AAAA" })).toBe(422);
    expect(await put("A", { key_id: "1", encrypted_value: "AAAA" })).toBe(422);
    expect((await api.putSecret(base, "GITHUB_X", "x")).status).toBe(422);
    expect((await api.putSecret(base, "1X", "x")).status).toBe(422);
    expect((await api.putSecret(base, "A", "x".repeat(65))).status).toBe(422);
    expect((await api.call("GET", base)).body.total_count).toBe(0);
  });

  test("an environment takes no more secrets than its limit", async () => {
    for (const name of ["A", "B", "C"]) expect((await api.putSecret(base, name, "x")).status).toBe(201);
    expect((await api.putSecret(base, "D", "x")).status).toBe(422);
    expect((await api.putSecret(base, "A", "y")).status).toBe(204);
  });

  test("an environment takes its secrets with it", async () => {
    await api.putSecret(base, "A", "x");
    await api.call("DELETE", "/repos/acme/estate/environments/production");
    expect((await api.call("GET", `${base}/A`)).status).toBe(404);
    await api.call("PUT", "/repos/acme/estate/environments/production", {});
    expect((await api.call("GET", base)).body.total_count).toBe(0);
  });

  test("after a restart the key is the same and secrets are still known", async () => {
    await api.putSecret(base, "A", CANARY);
    const before = (await api.call("GET", `${base}/public-key`)).body;
    const next = github({ repositories: ["acme/new"] });
    next.vendor.restore(JSON.parse(JSON.stringify(api.vendor.snapshot())));
    expect((await next.call("GET", `${base}/public-key`)).body).toEqual(before);
    expect(next.vendor.holdsSecret("acme/estate", "production", "A", CANARY)).toBe(true);
    expect((await next.call("GET", "/repos/acme/new")).status).toBe(200);
    expect(() => next.vendor.restore([])).toThrow();
  });
});

test("variables: create, read, rename, conflict, delete", async () => {
  await api.call("PUT", "/repos/acme/estate/environments/production", {});
  const base = "/repos/acme/estate/environments/production/variables";
  expect((await api.call("POST", base, { name: "region", value: "fra1" })).status).toBe(201);
  expect((await api.call("POST", base, { name: "REGION", value: "x" })).status).toBe(409);
  expect((await api.call("GET", `${base}/REGION`)).body).toMatchObject({ name: "REGION", value: "fra1" });
  expect((await api.call("PATCH", `${base}/REGION`, { name: "AREA", value: "iad1" })).status).toBe(204);
  expect((await api.call("GET", base)).body).toMatchObject({
    total_count: 1,
    variables: [{ name: "AREA", value: "iad1" }],
  });
  expect((await api.call("DELETE", `${base}/AREA`)).status).toBe(204);
  expect((await api.call("DELETE", `${base}/AREA`)).status).toBe(404);
});

test("issues: open, comment, close, list by label and page", async () => {
  const base = "/repos/acme/estate/issues";
  for (const n of [1, 2, 3])
    await api.call("POST", base, { title: `Report ${n}`, body: "text", labels: n === 2 ? ["incident"] : [] });
  expect((await api.call("POST", base, {})).status).toBe(422);
  expect((await api.call("POST", `${base}/2/comments`, { body: "seen" })).status).toBe(201);
  expect((await api.call("POST", `${base}/2/comments`, { body: "x".repeat(65_537) })).status).toBe(422);
  expect((await api.call("PATCH", `${base}/1`, { state: "closed" })).body).toMatchObject({
    state: "closed",
    number: 1,
  });
  const labelled = await api.call("GET", `${base}?labels=incident`);
  expect(labelled.body).toMatchObject([{ number: 2, comments: 1, labels: [{ name: "incident" }] }]);
  const page = await api.call("GET", `${base}?state=all&per_page=2`);
  expect(page.body.map((issue: { number: number }) => issue.number)).toEqual([3, 2]);
  expect(page.headers.get("link")).toContain('page=2>; rel="next"');
  expect(api.events).toEqual(["issue.opened", "issue.opened", "issue.opened", "issue.commented", "issue.closed"]);
});

test("workflows: a dispatch shows as a run that ends", async () => {
  const base = "/repos/acme/estate/actions";
  expect((await api.call("POST", `${base}/workflows/deploy.yml/dispatches`, {})).status).toBe(422);
  const body = { ref: "main", inputs: { cell: "prod-cell-07" } };
  expect((await api.call("POST", `${base}/workflows/deploy.yml/dispatches`, body)).status).toBe(204);
  const list = (await api.call("GET", `${base}/workflows/deploy.yml/runs`)).body;
  expect(list).toMatchObject({ total_count: 1, workflow_runs: [{ status: "queued", event: "workflow_dispatch" }] });
  const { id } = list.workflow_runs[0];
  expect((await api.call("GET", `${base}/runs/${id}`)).body).toMatchObject({
    status: "completed",
    conclusion: "success",
  });
  expect((await api.call("POST", "/repos/acme/estate/dispatches", { event_type: "cost" })).status).toBe(204);
  expect(api.events).toEqual(["workflow.dispatched", "workflow.dispatched"]);
});

test("pull requests: people and bots review, a review is edited and dismissed, and all of it survives a restart", async () => {
  const base = "/repos/acme/estate";
  const pull = { number: 3, user: { id: 5, login: "dev" }, head: "a".repeat(40) };
  const run = {
    id: 9,
    head_sha: "a".repeat(40),
    approvals: [{ state: "approved", comment: "x", user: pull.user, gates: ["p"] }],
  };
  expect((await api.call("PUT", `${base}/sandbox`, { pulls: [pull], runs: [run] })).status).toBe(204);
  expect((await api.call("PUT", `${base}/sandbox`, { pulls: [{}] })).status).toBe(422);
  const { body } = await api.call("POST", `${base}/pulls/3/reviews`, { event: "APPROVE", body: "yes" });
  expect(body).toMatchObject({
    state: "APPROVED",
    commit_id: pull.head,
    user: { login: "sitefleet-bot", type: "User" },
  });
  const edited = async () => {
    const query = "query($id: ID!) { node(id: $id) { ... on PullRequestReview { databaseId lastEditedAt } } }";
    const answer = await api.call("POST", "/api/graphql", { query, variables: { id: body.node_id } });
    return answer.body.data.node.lastEditedAt !== null;
  };
  expect(await edited()).toBe(false);
  await api.call("PUT", `${base}/pulls/3/reviews/${body.id}`, { body: "no" });
  expect(await edited()).toBe(true);
  expect((await api.call("PUT", `${base}/pulls/3/reviews/${body.id}/dismissals`, {})).status).toBe(422);
  await api.call("PUT", `${base}/pulls/3/reviews/${body.id}/dismissals`, { message: "stale" });
  const next = github();
  next.vendor.restore(JSON.parse(JSON.stringify(api.vendor.snapshot())));
  expect((await next.call("GET", `${base}/pulls/3/reviews`)).body).toMatchObject([{ state: "DISMISSED", body: "no" }]);
  expect((await next.call("GET", `${base}/actions/runs/9/approvals`)).body).toMatchObject([
    { environments: [{ name: "p" }] },
  ]);
  expect((await next.call("GET", `${base}/commits/${pull.head}/pulls`)).body).toMatchObject([{ number: 3 }]);
  expect((await next.call("GET", `${base}/commits/${"b".repeat(40)}/pulls`)).status).toBe(422);
});
