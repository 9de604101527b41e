// Breaks when the stand-in's project stops behaving as the real provider's: calls, nulls, what is lost, what is kept.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Props } from "../../../sandbox/providers/framework/index.ts";
import { UNKNOWN } from "../../../sandbox/providers/framework/index.ts";
import { vercel } from "../../../sandbox/providers/vercel/index.ts";
import { isSecret, reveal, secret, TestEngine } from "./engine.ts";
import type { FakeVercel } from "./fake-vercel.ts";
import { startFakeVercel } from "./fake-vercel.ts";

const TOKEN = "abcdefghijklmnopqrstuvwx";
let fake: FakeVercel;
let engine: TestEngine;
beforeAll(async () => {
  fake = await startFakeVercel();
  process.env.VERCEL_API_URL = fake.url;
  engine = await TestEngine.start(vercel, "vercel:index/project:Project", { apiToken: secret(TOKEN), team: "acme" });
});
afterAll(async () => {
  await engine.stop();
  await fake.stop();
  delete process.env.VERCEL_API_URL;
});
beforeEach(() => {
  fake.calls.length = 0;
});
afterEach(() => {
  fake.intercept = undefined;
});

const routes = (): string[] =>
  fake.calls.map(({ method, path }) => `${method} ${path.replace(/(prj|env)_\d+/g, "$1")}`);
const refuse = (method: string, path: RegExp, status: number, headers?: Record<string, string>) => {
  fake.intercept = (call) =>
    call.method === method && path.test(call.path)
      ? { status, body: { error: { code: "internal_error", message: "no" } }, ...(headers && { headers }) }
      : undefined;
};
let count = 0;
const unique = (): string => `site-${++count}`;
const variables = [
  { key: "A", value: "1", targets: ["production", "preview"], sensitive: false },
  { key: "B", value: secret("hush-hush"), targets: ["production"], sensitive: true },
];

describe("create", () => {
  it("is POST, GET variables, PATCH, with the team on each", async () => {
    await engine.create({ name: unique(), environments: variables });
    expect(routes()).toEqual(["POST /v8/projects", "GET /v8/projects/prj/env", "PATCH /v9/projects/prj"]);
    expect(new Set(fake.calls.map(({ query }) => query.get("teamId")))).toEqual(new Set(["team_acme"]));
  });

  it("sends null for undeclared protections in the PATCH, and the declared ones in the API's words", async () => {
    await engine.create({ name: unique() });
    expect(fake.calls.at(-1)!.body).toMatchObject({
      passwordProtection: null,
      trustedIps: null,
      trustedSources: null,
      optionsAllowlist: null,
      ssoProtection: { deploymentType: "all_except_custom_domains" },
      autoAssignCustomDomains: true,
      gitForkProtection: true,
    });
    const addresses = [{ value: secret("10.0.0.0/8") }];
    await engine.create({
      name: unique(),
      passwordProtection: { password: secret("open-sesame"), deploymentType: "all_deployments" },
      trustedIps: { addresses, deploymentType: "standard_protection" },
    });
    expect(fake.calls.at(-1)!.body).toMatchObject({
      passwordProtection: { password: "open-sesame", deploymentType: "all" },
      trustedIps: {
        addresses: [{ value: "10.0.0.0/8", note: null }],
        deploymentType: "prod_deployment_urls_and_all_previews",
        protectionMode: "additional",
      },
    });
  });

  it("fills in what the API decides, keeps sensitive values, and marks variables' values secret", async () => {
    const { id, properties } = await engine.create({ name: unique(), environments: variables });
    expect(id).toMatch(/^prj_/);
    expect(properties).toMatchObject({
      teamId: "team_acme",
      nodeVersion: "24.x",
      autoAssignCustomDomains: true,
      vercelAuthentication: { deploymentType: "standard_protection_new" },
    });
    expect(isSecret(properties.environments)).toBe(true);
    expect(reveal(properties.environments)).toMatchObject([
      { key: "A", value: "1", comment: "" },
      { key: "B", value: "hush-hush", sensitive: true },
    ]);
  });

  it("marks variables' values secret in the inputs, and not the whole list", async () => {
    const { inputs } = await engine.check({ name: "x", environments: variables });
    const [a, b] = inputs.environments as Props[];
    expect([isSecret(a!.value), isSecret(b!.value), isSecret(a!.key)]).toEqual([true, true, false]);
  });

  it("blacks out only the values of variables in an error", async () => {
    const { id, properties } = await engine.create({ name: unique(), environments: variables });
    fake.intercept = ({ method }) =>
      method === "PATCH"
        ? { status: 400, body: { error: { code: "bad", message: "B=hush-hush in production" } } }
        : undefined;
    const error = await engine
      .update(id, properties, { name: "x", environments: variables })
      .catch((cause: unknown) => cause);
    expect(String(error)).toContain("B=[secret] in production");
  });

  it("loses the project when the PATCH fails: an error, no state, and 409 the next time", async () => {
    const name = unique();
    refuse("PATCH", /^\/v9\/projects/, 500);
    const error = (await engine.create({ name }).catch((cause: unknown) => cause)) as Error & { partial?: unknown };
    expect(error.message).toContain("Error updating project as part of creating project");
    expect(error.partial).toBeUndefined();
    fake.intercept = undefined;
    await expect(engine.create({ name })).rejects.toThrow(`conflict - Project "${name}" already exists.`);
  });

  it("tries a 429 three times and nothing else again", async () => {
    refuse("POST", /^\/v8\/projects/, 500);
    await expect(engine.create({ name: unique() })).rejects.toThrow("internal_error");
    expect(fake.calls).toHaveLength(1);
    fake.calls.length = 0;
    refuse("POST", /^\/v8\/projects/, 429, { "retry-after": "400" });
    await expect(engine.create({ name: unique() })).rejects.toThrow();
    expect(fake.calls).toHaveLength(1);
  });

  it("previews without a call", async () => {
    const { properties } = await engine.create(
      { name: "p", gitRepository: { type: "github", repo: UNKNOWN } },
      { preview: true },
    );
    expect(fake.calls).toEqual([]);
    expect(properties).toMatchObject({
      name: "p",
      teamId: UNKNOWN,
      autoAssignCustomDomains: true,
      oidcTokenConfig: { issuerMode: "team" },
    });
  });
});

describe("after creation", () => {
  it("a second look finds no difference, also when variables are listed in another order", async () => {
    const inputs = {
      name: unique(),
      framework: "astro",
      gitRepository: { type: "github", repo: "acme/x" },
      environments: variables,
    };
    const { id, properties } = await engine.create(inputs);
    expect((await engine.diff(properties, inputs)).detailed).toEqual({});
    expect((await engine.diff(properties, { ...inputs, environments: [...variables].reverse() })).changes).toBe(false);
    const refreshed = await engine.read(id, properties, inputs);
    expect(reveal(refreshed.properties)).toEqual(reveal(properties));
    expect((await engine.diff(refreshed.properties, inputs)).changes).toBe(false);
  });

  it("an update deletes and creates the variables that changed, then PATCHes", async () => {
    const inputs = { name: unique(), environments: variables };
    const { id, properties } = await engine.create(inputs);
    fake.calls.length = 0;
    const changed = { ...inputs, environments: [{ ...variables[0], value: "2" }, variables[1]] };
    expect((await engine.diff(properties, changed)).detailed).toEqual({ "environments[0].value": "UPDATE" });
    const after = await engine.update(id, properties, changed);
    expect(routes()).toEqual([
      "DELETE /v8/projects/prj/env/env",
      "POST /v10/projects/prj/env",
      "PATCH /v9/projects/prj",
      "GET /v8/projects/prj/env",
    ]);
    expect((await engine.diff(after, changed)).changes).toBe(false);
  });

  it("an update sends nothing of what is undeclared and left to the API, and keeps it in the state", async () => {
    const inputs = { name: unique() };
    const { id } = await engine.create(inputs);
    Object.assign(fake.projects.get(id)!, { resourceConfig: { functionDefaultMemoryType: "standard", fluid: true } });
    const { properties } = await engine.read(id, inputs, inputs);
    const wanted = { ...inputs, buildCommand: "make" };
    expect(await engine.update(id, properties, wanted, { preview: true })).toMatchObject({ resourceConfig: UNKNOWN });
    const after = await engine.update(id, properties, wanted);
    expect(fake.calls.findLast(({ method }) => method === "PATCH")!.body!.resourceConfig).toEqual({
      elasticConcurrencyEnabled: false,
    });
    expect(after.resourceConfig).toBeDefined();
  });

  it("nothing of an update touches variables that stay", async () => {
    const inputs = { name: unique(), environments: variables };
    const { id, properties } = await engine.create(inputs);
    fake.calls.length = 0;
    await engine.update(id, properties, { ...inputs, buildCommand: "make" });
    expect(routes()).toEqual(["PATCH /v9/projects/prj", "GET /v8/projects/prj/env"]);
  });

  it("shows and repairs drift, unless it is ignored", async () => {
    const inputs = { name: unique() };
    const { id, properties } = await engine.create(inputs);
    Object.assign(fake.projects.get(id)!, { passwordProtection: { deploymentType: "all" } });
    const { properties: drifted } = await engine.read(id, properties, inputs);
    expect((await engine.diff(drifted, inputs)).detailed).toEqual({ passwordProtection: "DELETE" });
    expect((await engine.diff(drifted, inputs, { ignoreChanges: ["passwordProtection"] })).changes).toBe(false);
    await engine.update(id, drifted, { ...inputs, buildCommand: "x" }, { ignoreChanges: ["passwordProtection"] });
    expect(fake.calls.findLast(({ method }) => method === "PATCH")!.body).toMatchObject({
      passwordProtection: { deploymentType: "all" },
    });
  });

  it("is gone when the API says so", async () => {
    const { id, properties } = await engine.create({ name: unique() });
    await engine.delete(id, properties);
    expect((await engine.read(id, properties, {})).id).toBe("");
    await expect(engine.delete(id, properties)).resolves.toBeDefined();
  });
});

describe("import", () => {
  it("takes team/project and project, and follows no variables", async () => {
    const { id } = await engine.create({ name: unique(), environments: variables });
    for (const asked of [id, `team_acme/${id}`]) {
      const found = await engine.read(asked);
      expect(found).toMatchObject({ id, properties: { teamId: "team_acme" } });
      expect(found.properties.environments).toBeUndefined();
      expect((await engine.check(found.inputs)).failures).toEqual([]);
    }
    await expect(engine.read("a/b/c")).rejects.toThrow('should be in format "team_id/project_id" or "project_id"');
  });
});

describe("check", () => {
  it("names a project after its logical name, the same in preview and update, and keeps the name", async () => {
    const { inputs } = await engine.check({});
    expect(inputs.name).toMatch(/^thing-[0-9a-f]{7}$/);
    expect((await engine.check({})).inputs).toEqual(inputs);
    expect((await engine.check({}, { name: "kept" })).inputs.name).toBe("kept");
  });

  it("asks the API for frameworks, over the header that names the host", async () => {
    expect((await engine.check({ framework: "astro" })).failures).toEqual([]);
    const [failure] = (await engine.check({ framework: "cobol" })).failures;
    expect(failure).toEqual({
      property: "framework",
      reason: "The framework cobol is not supported on Vercel. Must be one of astro, nextjs.",
    });
    expect((await engine.check({ framework: UNKNOWN })).failures).toEqual([]);
  });

  it("holds to the rules across fields", async () => {
    const paths = async (inputs: Props) =>
      (await engine.check({ name: "x", ...inputs })).failures.map(({ property }) => property);
    expect(await paths({ previewComments: true, enablePreviewFeedback: true })).toEqual(["previewComments"]);
    expect(await paths({ resourceConfig: { fluid: true, functionDefaultCpuType: "standard_legacy" } })).toEqual([
      "resourceConfig",
    ]);
    expect(
      await paths({ environments: [{ key: "A", value: "v", targets: ["development"], sensitive: true }] }),
    ).toEqual(["environments[0].sensitive"]);
    expect(await paths({ environments: [{ key: "A", value: "v", sensitive: true }] })).toEqual(["environments[0]"]);
    expect(await paths({ name: "Upper_Case" })).toEqual(["name"]);
  });
});

describe("provider", () => {
  it("wants a token with 24 alphanumerics and a team that exists", async () => {
    await expect(engine.configure({ apiToken: "short" })).rejects.toThrow("Invalid api_token");
    await expect(engine.configure({ apiToken: TOKEN, team: "nobody" })).rejects.toThrow("Vercel Team not found");
    await engine.configure({ apiToken: TOKEN, team: "acme" });
  });

  it("never shows the token", async () => {
    fake.intercept = () => ({ status: 403, body: { error: { code: "forbidden", message: `bad token ${TOKEN}` } } });
    const error = await engine.create({ name: unique() }).catch((cause: unknown) => cause);
    expect(String(error)).toContain("bad token [secret]");
  });

  it("finds a project by name with getProject", async () => {
    const name = unique();
    await engine.create({ name, environments: variables });
    const { result } = await engine.invoke("vercel:index/getProject:getProject", { name });
    expect(reveal(result)).toMatchObject({
      name,
      teamId: "team_acme",
      environments: [{ key: "A", value: "1" }, { key: "B" }],
    });
  });
});
