// Breaks when domains, deployments, aliases or variables stop behaving as the real provider's do.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Props } from "../../../sandbox/providers/framework/index.ts";
import { UNKNOWN } from "../../../sandbox/providers/framework/index.ts";
import { retryDelay } from "../../../sandbox/providers/vercel/client.ts";
import { vercel } from "../../../sandbox/providers/vercel/index.ts";
import { isSecret, reveal, secret, TestEngine } from "./engine.ts";
import type { FakeVercel } from "./fake-vercel.ts";
import { startFakeVercel } from "./fake-vercel.ts";

const type = (name: string) => `vercel:index/${name[0]!.toLowerCase()}${name.slice(1)}:${name}`;
const REF = "0123456789012345678901234567890123456789";
let fake: FakeVercel;
let projects: TestEngine;
let on: Record<"domains" | "deployments" | "aliases" | "variables" | "shared", TestEngine>;
let project: string;
beforeAll(async () => {
  fake = await startFakeVercel();
  process.env.VERCEL_API_URL = fake.url;
  projects = await TestEngine.start(vercel, type("Project"), { apiToken: "abcdefghijklmnopqrstuvwx" });
  on = {
    domains: projects.for(type("ProjectDomain")),
    deployments: projects.for(type("Deployment")),
    aliases: projects.for(type("Alias")),
    variables: projects.for(type("ProjectEnvironmentVariable")),
    shared: projects.for(type("SharedEnvironmentVariable")),
  };
  project = (await projects.create({ name: "p", gitRepository: { type: "github", repo: "acme/site" } })).id;
});
afterAll(async () => {
  await Promise.all(Object.values(on).map((engine) => engine.stop()));
  await projects.stop();
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
  fake.calls.map(({ method, path }) => `${method} ${path.replace(/(prj|env|dpl)_\d+/g, "$1")}`);

describe("ProjectDomain", () => {
  it("looks at the project, then adds the domain; both inputs replace", async () => {
    const inputs = { projectId: project, domain: "a.example.com" };
    const { id, properties } = await on.domains.create(inputs);
    expect([id, properties]).toEqual(["a.example.com", { ...inputs, verified: true, verifications: [] }]);
    expect(routes()).toEqual(["GET /v10/projects/prj", "POST /v10/projects/prj/domains"]);
    expect((await on.domains.diff(properties, inputs)).changes).toBe(false);
    expect(await on.domains.diff(properties, { ...inputs, domain: "b.example.com" })).toMatchObject({
      replaces: ["domain"],
      deleteBeforeReplace: false,
    });
    expect((await on.domains.diff(properties, { ...inputs, projectId: UNKNOWN })).replaces).toEqual(["projectId"]);
    expect((await on.domains.diff(properties, { ...inputs, redirect: "x" })).replaces).toEqual([]);
  });

  it("cannot take a domain that is in use, and says so", async () => {
    await on.domains.create({ projectId: project, domain: "c.example.com" });
    await expect(on.domains.create({ projectId: project, domain: "c.example.com" })).rejects.toThrow(
      "domain_already_in_use",
    );
  });

  it("refuses the production branch as a branch's domain, and unknown projects", async () => {
    await expect(on.domains.create({ projectId: project, domain: "d.example.com", gitBranch: "main" })).rejects.toThrow(
      "is the production branch",
    );
    await expect(on.domains.create({ projectId: "prj_none", domain: "d.example.com" })).rejects.toThrow(
      "Could not find project",
    );
  });

  it("waits for its verification when asked", async () => {
    let looks = 0;
    fake.intercept = ({ method, path }) =>
      method === "GET" && path.endsWith("/domains/w.example.com")
        ? { status: 200, body: { name: "w.example.com", projectId: project, verified: ++looks > 2 } }
        : undefined;
    const { properties } = await on.domains.create({ projectId: project, domain: "w.example.com", waitForReady: true });
    expect([looks, properties.verified, properties.waitForReady]).toEqual([3, true, true]);
  });

  it("shows the challenges of an unverified domain", async () => {
    const challenge = { type: "TXT", domain: "_vercel.example.com", value: "vc-domain-verify=x", reason: "pending" };
    fake.intercept = ({ method }) =>
      method === "POST"
        ? {
            status: 200,
            body: { name: "v.example.com", projectId: project, verified: false, verification: [challenge] },
          }
        : undefined;
    const { properties } = await on.domains.create({ projectId: project, domain: "v.example.com" });
    expect(properties).toMatchObject({ verified: false, verifications: [challenge] });
  });

  it("is imported by project/domain with or without the team, and read as gone", async () => {
    await on.domains.create({ projectId: project, domain: "i.example.com" });
    const found = await on.domains.read(`${project}/i.example.com`);
    expect(found).toMatchObject({ id: "i.example.com", inputs: { projectId: project, domain: "i.example.com" } });
    expect((await on.domains.read(`team_x/${project}/i.example.com`)).properties.teamId).toBe("team_x");
    await on.domains.delete("i.example.com", found.properties);
    expect((await on.domains.read("i.example.com", found.properties, found.inputs)).id).toBe("");
  });
});

describe("Deployment", () => {
  it("reads the project twice, asks, and looks until aliases are assigned", async () => {
    const { id, properties } = await on.deployments.create({
      projectId: project,
      ref: REF,
      production: true,
      environment: secret({ X: "hush-hush" }),
    });
    expect(routes()).toEqual([
      "GET /v10/projects/prj",
      "GET /v10/projects/prj",
      "POST /v12/now/deployments",
      "GET /v13/deployments/dpl",
    ]);
    expect(fake.calls[2]!.body).toMatchObject({
      target: "production",
      gitSource: { type: "github", org: "acme", repo: "site", ref: REF },
      env: { X: "hush-hush" },
    });
    expect(id).toMatch(/^dpl_/);
    expect(properties).toMatchObject({ ref: REF, production: true, domains: [`${project}.vercel.app`] });
    expect(isSecret(properties.environment)).toBe(true);
    expect(
      (
        await on.deployments.diff(properties, {
          projectId: project,
          ref: REF,
          production: true,
          environment: { X: "hush-hush" },
        })
      ).changes,
    ).toBe(false);
  });

  it("replaces for everything, deleteOnDestroy too, and creates first", async () => {
    const inputs = { projectId: project, ref: REF, production: true };
    const { properties } = await on.deployments.create(inputs);
    for (const change of [
      { ref: "1".repeat(40) },
      { production: false },
      { deleteOnDestroy: true },
      { meta: { a: "b" } },
      { environment: { A: "b" } },
    ]) {
      expect(await on.deployments.diff(properties, { ...inputs, ...change })).toMatchObject({
        replaces: Object.keys(change),
        deleteBeforeReplace: false,
      });
    }
    expect((await on.deployments.diff(properties, { projectId: project, ref: REF })).changes).toBe(false);
  });

  it("replaces on every run when the API echoes another ref than asked for", async () => {
    const { properties } = await on.deployments.create({ projectId: project, ref: REF });
    expect(
      (await on.deployments.diff({ ...properties, ref: "main" }, { projectId: project, ref: REF })).replaces,
    ).toEqual(["ref"]);
  });

  it("wants exactly one of ref and files", async () => {
    expect((await on.deployments.check({ projectId: "p" })).failures.map(({ reason }) => reason)).toEqual([
      "Deployment Invalid: A Deployment must have either `ref` or `files` specified",
    ]);
    expect(
      (await on.deployments.check({ projectId: "p", ref: "r", files: { a: "1~b" } })).failures[0]!.reason,
    ).toContain("cannot have both");
    expect((await on.deployments.check({ projectId: "p", ref: UNKNOWN })).failures).toEqual([]);
  });

  it("keeps nothing of a build that fails", async () => {
    fake.intercept = ({ method, path }) =>
      method === "GET" && path.startsWith("/v13/deployments/")
        ? {
            status: 200,
            body: {
              id: "dpl_1",
              url: "u",
              readyState: "ERROR",
              errorCode: "BUILD_FAILED",
              errorMessage: "Command failed",
            },
          }
        : undefined;
    const error = (await on.deployments
      .create({ projectId: project, ref: REF })
      .catch((cause: unknown) => cause)) as Error & { partial?: unknown };
    expect(error.message).toContain("BUILD_FAILED - Command failed");
    expect(error.partial).toBeUndefined();
    expect(fake.deployments.size).toBeGreaterThan(0);
  });

  it("stops waiting when the resource's time-out is over", async () => {
    fake.intercept = ({ method, path }) =>
      method === "GET" && path.startsWith("/v13/deployments/")
        ? { status: 200, body: { id: "dpl_1", url: "u", readyState: "READY", aliasAssigned: false } }
        : undefined;
    await expect(on.deployments.create({ projectId: project, ref: REF }, { timeout: 0.3 })).rejects.toThrow(
      /timeout|aborted/i,
    );
  });

  it("uploads the files that are missing, then asks again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "deployment-"));
    await writeFile(join(folder, "index.html"), "hello");
    let asked = 0;
    fake.intercept = ({ method, path }) => {
      if (method === "POST" && path === "/v2/now/files") return { status: 200, body: {} };
      if (method === "POST" && path === "/v12/now/deployments" && ++asked === 1) {
        return { status: 400, body: { error: { code: "missing_files", message: "Missing files", missing: ["abc"] } } };
      }
      return undefined;
    };
    await on.deployments.create({
      projectId: project,
      files: { [`${folder}/index.html`]: "5~abc" },
      pathPrefix: folder,
    });
    expect(fake.calls.find(({ path }) => path === "/v12/now/deployments")!.body!.files).toEqual([
      { file: "index.html", sha: "abc", size: 5 },
    ]);
    expect(asked).toBe(2);
    await rm(folder, { recursive: true });
  });

  it("deletes only when told to from the start, and has no import", async () => {
    const { id, properties } = await on.deployments.create({ projectId: project, ref: REF });
    fake.calls.length = 0;
    await on.deployments.delete(id, properties);
    expect(fake.calls).toEqual([]);
    await on.deployments.delete(id, { ...properties, deleteOnDestroy: true });
    expect(routes()).toEqual(["DELETE /v13/deployments/dpl"]);
    await expect(on.deployments.read(id)).rejects.toThrow("does not support import");
  });

  it("needs a linked repository for a ref", async () => {
    const bare = await projects.create({ name: "bare" });
    await expect(on.deployments.create({ projectId: bare.id, ref: REF })).rejects.toThrow("no linked git repository");
  });
});

describe("Alias", () => {
  it("is one call, for a new deployment too", async () => {
    const { id, properties } = await on.aliases.create({ alias: "www.example.com", deploymentId: "dpl_a" });
    expect([id, properties]).toEqual(["als_www.example.com", { alias: "www.example.com", deploymentId: "dpl_a" }]);
    const diff = await on.aliases.diff(properties, { alias: "www.example.com", deploymentId: "dpl_b" });
    expect(diff).toMatchObject({ replaces: [], detailed: { deploymentId: "UPDATE" } });
    await on.aliases.update(id, properties, { alias: "www.example.com", deploymentId: "dpl_b" });
    expect(routes()).toEqual(["POST /v2/deployments/dpl_a/aliases", "POST /v2/deployments/dpl_b/aliases"]);
  });
});

describe("variables", () => {
  const inputs = () => ({
    projectId: project,
    key: "K",
    value: "v",
    targets: ["production", "preview"],
    sensitive: false,
  });

  it("keep the order of targets out of differences, and replace for key, project and sensitive", async () => {
    const { properties } = await on.variables.create(inputs());
    expect(isSecret(properties.value)).toBe(true);
    expect((await on.variables.diff(properties, { ...inputs(), targets: ["preview", "production"] })).changes).toBe(
      false,
    );
    expect((await on.variables.diff(properties, { ...inputs(), key: "L", sensitive: true })).replaces.sort()).toEqual([
      "key",
      "sensitive",
    ]);
    expect((await on.variables.diff(properties, { ...inputs(), value: "w" })).replaces).toEqual([]);
  });

  it("name the one that is in the way", async () => {
    fake.variables.get(project)!.push({ id: "env_old", key: "K2", target: ["production"] });
    fake.intercept = ({ method, path }) =>
      method === "POST" && path.endsWith("/env")
        ? {
            status: 400,
            body: {
              error: { code: "ENV_CONFLICT", message: "already exists", envVarKey: "K2", target: ["production"] },
            },
          }
        : undefined;
    await expect(on.variables.create({ ...inputs(), key: "K2" })).rejects.toThrow(
      `conflicting environment variable ID is ${project}/env_old`,
    );
  });

  it("want one value and a target", async () => {
    expect(
      (await on.variables.check({ key: "K", projectId: "p", sensitive: true })).failures.map(
        ({ property }) => property,
      ),
    ).toEqual(["value", "targets"]);
    expect(
      (await on.shared.check({ key: "K", projectIds: [], sensitive: true, value: "v" })).failures.map(
        ({ property }) => property,
      ),
    ).toEqual(["targets"]);
    expect(
      (await on.variables.check({ ...inputs(), targets: ["development"], sensitive: true })).failures[0]!.property,
    ).toBe("sensitive");
  });

  it("shared ones hold the list of projects as a set", async () => {
    const state: Props = {
      key: "K",
      projectIds: ["a", "b"],
      sensitive: true,
      value: "v",
      targets: ["production"],
      comment: "",
      applyToAllCustomEnvironments: false,
    };
    const wanted = { key: "K", projectIds: ["b", "a"], sensitive: true, value: "v", targets: ["production"] };
    expect((await on.shared.diff(state, wanted)).changes).toBe(false);
    expect((await on.shared.diff(state, { ...wanted, projectIds: ["a"] })).detailed).toEqual({
      "projectIds[1]": "DELETE",
    });
  });

  it("shared ones are created, read, changed and deleted in one call each", async () => {
    const seen: Record<string, unknown> = {
      id: "env_s",
      type: "sensitive",
      projectId: [project],
      target: ["production"],
      comment: "",
      key: "S",
    };
    fake.intercept = ({ method, path }) => {
      if (!path.startsWith("/v1/env")) return undefined;
      return {
        status: 200,
        body: method === "POST" ? { created: [seen] } : method === "PATCH" ? { updated: [seen] } : seen,
      };
    };
    const wanted = {
      key: "S",
      projectIds: [project],
      sensitive: true,
      value: secret("hush-hush"),
      targets: ["production"],
    };
    const { id, properties } = await on.shared.create(wanted);
    expect(reveal(properties)).toMatchObject({ value: "hush-hush", projectIds: [project] });
    expect(reveal((await on.shared.read(id, properties, wanted)).properties)).toEqual(reveal(properties));
    await on.shared.update(id, properties, { ...wanted, value: "new-value" });
    await on.shared.delete(id, properties);
    expect(routes()).toEqual(["POST /v1/env", "GET /v1/env/env_s", "PATCH /v1/env", "DELETE /v1/env"]);
    expect(fake.calls[0]!.body).toMatchObject({
      type: "sensitive",
      evs: [{ key: "S", value: "hush-hush", comment: "" }],
      projectId: [project],
    });
  });
});

describe("retry", () => {
  const answer = (status: number, after?: string) => ({
    status,
    headers: after === undefined ? {} : { "retry-after": after },
    body: undefined,
  });
  it("waits as a 429 says, at most three times, never for five minutes or more, and for nothing else", () => {
    expect(retryDelay(1, answer(429, "7"))).toBe(7000);
    expect(retryDelay(3, answer(429))).toBe(1000);
    expect(retryDelay(4, answer(429, "7"))).toBeUndefined();
    expect(retryDelay(1, answer(429, "300"))).toBeUndefined();
    expect(retryDelay(1, answer(503, "1"))).toBeUndefined();
  });
});
