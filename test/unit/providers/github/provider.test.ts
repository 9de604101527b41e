// Breaks when a secret is sealed wrongly or read back, or calls come faster, other or more often than the real provider's.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FaultController, RequestLog, Served } from "../../../../sandbox/core/index.ts";
import { createContext, createFaultController, createRequestLog, serve } from "../../../../sandbox/core/index.ts";
import type { GithubVendor } from "../../../../sandbox/github/index.ts";
import { createGithub } from "../../../../sandbox/github/index.ts";
import { github } from "../../../../sandbox/providers/github/index.ts";
import { isSecret, secret, TestEngine } from "../engine.ts";

const SECRET = "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret";
const ENVIRONMENT = "github:index/repositoryEnvironment:RepositoryEnvironment";
let vendor: GithubVendor;
let api: Served;
let log: RequestLog;
let faults: FaultController;
let engine: TestEngine;
let environments: TestEngine;

const config = () => ({
  token: "the-token",
  owner: "acme",
  baseUrl: `${api.url}/`,
  writeDelayMs: "0",
  retryDelayMs: "0",
});

beforeEach(async () => {
  vendor = createGithub(
    createContext({
      options: { github: { tokens: ["the-token"], organizations: ["acme"], repositories: ["acme/site"] } },
    }),
  );
  log = createRequestLog();
  faults = createFaultController({}, Date.now);
  api = await serve(vendor, { log, faults });
  engine = await TestEngine.start(github, SECRET, config());
  environments = engine.for(ENVIRONMENT);
  await environments.create({ repository: "site", environment: "production" });
});
afterEach(async () => {
  await environments.stop();
  await engine.stop();
  await api.close();
});

const inputs = (more: object = {}) => {
  return { repository: "site", environment: "production", secretName: "KEY", value: secret("canary-value"), ...more };
};
const calls = () => log.summary().latest.map(({ method, path }) => `${method} ${path}`);

describe("an environment's secret", () => {
  it("arrives sealed and opens to the value given", async () => {
    const made = await engine.create(inputs());
    expect(made.id).toBe("site:production:KEY");
    expect(isSecret(made.properties.value)).toBe(true);
    expect(vendor.holdsSecret("acme/site", "production", "KEY", "canary-value")).toBe(true);
  });

  it("takes the calls of the real provider, under /api/v3", async () => {
    log.clear();
    await engine.create(inputs());
    const number = (await engine.create(inputs({ secretName: "OTHER" }))).properties.repositoryId;
    const base = `/api/v3/repositories/${number}/environments/production/secrets`;
    expect(calls().slice(0, 4)).toEqual([
      "GET /api/v3/repos/acme/site",
      `GET ${base}/public-key`,
      `PUT ${base}/KEY`,
      `GET ${base}/KEY`,
    ]);
  });

  it("keeps its value in the state through a refresh, since no API gives it back", async () => {
    const made = await engine.create(inputs());
    const found = await engine.read(made.id, made.properties, inputs());
    expect(found.properties.value).toEqual(made.properties.value);
    expect((await engine.diff(found.properties, inputs())).changes).toBe(false);
  });

  it("is gone from the state when it is gone", async () => {
    const made = await engine.create(inputs());
    await engine.delete(made.id, made.properties);
    expect((await engine.read(made.id, made.properties, inputs())).id).toBe("");
    await expect(engine.delete(made.id, made.properties)).rejects.toThrow(/404/);
  });

  it("is never named in an error", async () => {
    await expect(engine.create(inputs({ environment: "missing" }))).rejects.toThrow(/404/);
    await expect(engine.create(inputs({ environment: "missing" }))).rejects.not.toThrow(/canary-value|the-token/);
  });
});

describe("an environment", () => {
  it("wipes undeclared reviewers, as the real provider does", async () => {
    const declared = { repository: "site", environment: "guarded", reviewers: [{ users: [7] }] };
    const made = await environments.create(declared);
    const bare = { repository: "site", environment: "guarded" };
    await environments.update(made.id, made.properties, bare);
    const found = await environments.read("site:guarded");
    expect(found.properties.reviewers).toBeUndefined();
  });

  it("with a colon in its name is found by its escaped id", async () => {
    const made = await environments.create({ repository: "site", environment: "review:1" });
    expect(made.id).toBe("site:review??1");
    expect((await environments.read(made.id)).properties.environment).toBe("review:1");
  });
});

describe("calls", () => {
  it("are tried again for 502, four times in all", async () => {
    faults.set({ faults: [{ id: "f", method: "PUT", times: 3, action: { type: "status", status: 502 } }] });
    await engine.create(inputs());
    faults.set({ faults: [{ id: "f", method: "PUT", times: 4, action: { type: "status", status: 502 } }] });
    await expect(engine.create(inputs({ secretName: "OTHER" }))).rejects.toThrow(/502/);
  });

  it("find out the owner by the token when none is configured", async () => {
    log.clear();
    const { owner: _, ...anonymous } = config();
    await engine.configure(anonymous);
    expect(calls()).toEqual(["GET /api/v3/user"]);
  });
});

describe("getRepository", () => {
  it("answers with the repository's number and name", async () => {
    const { result } = await engine.invoke("github:index/getRepository:getRepository", { fullName: "acme/site" });
    expect(result).toMatchObject({ name: "site", fullName: "acme/site", repoId: expect.any(Number) });
  });
});
