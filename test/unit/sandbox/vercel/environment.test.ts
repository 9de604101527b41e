import { describe, expect, it } from "vitest";
import { bench, TOKEN } from "./client.ts";

const CANARY = "canary-value-4711";

// Breaks when a secret value could be read where the real API hides it, or ended up on the disk.
describe("environment variables", () => {
  it("creates one, and conflicts as the provider expects", async () => {
    const { call, project } = bench();
    const id = await project("shop");
    const one = { key: "API_KEY", value: CANARY, type: "encrypted", target: ["production", "preview"], comment: "" };
    const made = await call("POST", `/v10/projects/${id}/env`, one);
    expect(made.status).toBe(201);
    expect(made.body.created).toMatchObject({ key: "API_KEY", type: "encrypted", target: ["production", "preview"] });
    expect(made.body.created.value).not.toContain(CANARY);
    const again = await call("POST", `/v10/projects/${id}/env`, { ...one, target: ["preview"] });
    expect(again.status).toBe(400);
    expect(again.body.error).toMatchObject({ code: "ENV_CONFLICT", envVarKey: "API_KEY", target: ["preview"] });
    expect(again.body.failed).toHaveLength(1);
    expect(
      (await call("POST", `/v10/projects/${id}/env`, { ...one, target: ["preview"], gitBranch: "dev" })).status,
    ).toBe(201);
    expect((await call("POST", `/v10/projects/${id}/env?upsert=true`, { ...one, value: "next" })).body.created.id).toBe(
      made.body.created.id,
    );
    expect((await call("GET", `/v10/projects/${id}/env/${made.body.created.id}`)).body.value).toBe("next");
  });

  it("creates several, reporting those that failed", async () => {
    const { call, project } = bench();
    const id = await project("shop");
    const env = (key: string): object => ({ key, value: "v", type: "plain", target: ["production"] });
    await call("POST", `/v10/projects/${id}/env`, env("A"));
    const { status, body } = await call("POST", `/v10/projects/${id}/env`, [env("A"), env("B")]);
    expect(status).toBe(201);
    expect(body.created.map((made: { key: string }) => made.key)).toEqual(["B"]);
    expect(body.failed[0].error.code).toBe("ENV_CONFLICT");
  });

  it("shows values only where the API decrypts, and sensitive ones never", async () => {
    const { call, project } = bench();
    const id = await project("shop", {
      environmentVariables: [
        { key: "OPEN", value: "open", type: "encrypted", target: ["production"] },
        { key: "HIDDEN", value: CANARY, type: "sensitive", target: ["production"] },
      ],
    });
    const list = async (query: string): Promise<Record<string, string>> =>
      Object.fromEntries(
        (await call("GET", `/v8/projects/${id}/env?limit=100${query}`)).body.envs.map(
          (env: { key: string; value: string }) => [env.key, env.value],
        ),
      );
    expect(await list("&decrypt=true")).toEqual({ OPEN: "open", HIDDEN: "" });
    expect((await list("")).OPEN).not.toBe("open");
    const { envs } = (await call("GET", `/v8/projects/${id}/env`)).body;
    for (const { id: env } of envs) {
      expect(JSON.stringify((await call("GET", `/v10/projects/${id}/env/${env}`)).body)).not.toContain(CANARY);
    }
  });

  it("changes and deletes", async () => {
    const { call, project, vercel } = bench();
    const id = await project("shop");
    const { created } = (
      await call("POST", `/v10/projects/${id}/env`, { key: "A", value: "1", type: "encrypted", target: ["production"] })
    ).body;
    const path = `/v10/projects/${id}/env/${created.id}`;
    expect(
      (await call("PATCH", path, { value: "2", target: ["preview"], type: "encrypted", comment: "c" })).body,
    ).toMatchObject({ target: ["preview"], comment: "c" });
    expect((await call("GET", path)).body.value).toBe("2");
    expect((await call("DELETE", `/v8/projects/${id}/env/${created.id}`)).status).toBe(200);
    expect((await call("GET", path)).status).toBe(404);
    expect(vercel.inventory().envs).toEqual([]);
  });

  it("refuses what the API refuses", async () => {
    const { call, project } = bench();
    const id = await project("shop");
    const post = (env: object): ReturnType<typeof call> => call("POST", `/v10/projects/${id}/env`, env);
    expect((await post({ key: "1A", value: "x", target: ["production"] })).status).toBe(400);
    expect((await post({ key: "A", value: "x", target: ["moon"] })).status).toBe(400);
    expect((await post({ key: "A", value: "x", target: [] })).status).toBe(400);
    expect((await post({ key: "A", value: "x", type: "sensitive", target: ["development"] })).status).toBe(400);
  });

  it("keeps no value in clear, and reads it back after a restart", async () => {
    const first = bench();
    const id = await first.project("shop", {
      environmentVariables: [
        { key: "A", value: CANARY, type: "encrypted", target: ["production"] },
        { key: "B", value: CANARY, type: "plain", target: ["production"] },
        { key: "C", value: CANARY, type: "sensitive", target: ["production"] },
      ],
    });
    await first.call("POST", "/v1/env", {
      type: "encrypted",
      target: ["production"],
      evs: [{ key: "S", value: CANARY }],
    });
    await first.deploy(id, "main", { env: { D: CANARY } });
    const bypass = await first.call("PATCH", `/v10/projects/${id}/protection-bypass`, { generate: { note: "ci" } });
    const [secret] = Object.keys(bypass.body.protectionBypass);
    const text = JSON.stringify(first.vercel.snapshot());
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(secret);
    expect(JSON.stringify(first.vercel.inventory())).not.toContain(CANARY);
    const second = bench();
    second.vercel.restore(JSON.parse(text));
    const { envs } = (await second.call("GET", `/v8/projects/${id}/env?decrypt=true`)).body;
    expect(Object.fromEntries(envs.map((env: { key: string; value: string }) => [env.key, env.value]))).toEqual({
      A: CANARY,
      B: CANARY,
      C: "",
    });
    expect(Object.keys((await second.call("GET", `/v9/projects/${id}`)).body.protectionBypass)).toEqual([secret]);
  });
});

// Breaks when a team's shared variables could not be linked to projects the way the provider does it.
describe("shared environment variables", () => {
  it("creates, conflicts, reads, lists, changes and deletes", async () => {
    const { call, project } = bench();
    const [one, two] = [await project("one"), await project("two")];
    const body = {
      type: "encrypted",
      projectId: [one],
      target: ["production"],
      evs: [{ key: "S", value: "v", comment: "c" }],
    };
    const made = await call("POST", "/v1/env", body);
    expect(made.status).toBe(201);
    const [env] = made.body.created;
    expect(env).toMatchObject({ key: "S", projectId: [one], comment: "c" });
    expect(await call("POST", "/v1/env", body)).toMatchObject({
      status: 409,
      body: { error: { code: "existing_key_and_target" } },
    });
    expect((await call("GET", `/v1/env/${env.id}`)).body.value).toBe("v");
    expect((await call("GET", "/v1/env/all?limit=100")).body).toMatchObject({
      data: [{ id: env.id }],
      pagination: { next: null },
    });
    const changed = await call("PATCH", "/v1/env", { updates: { [env.id]: { value: "w", projectId: [two] } } });
    expect(changed.body.updated).toMatchObject([{ projectId: [two] }]);
    expect((await call("GET", `/v1/env/${env.id}`)).body.value).toBe("w");
    expect((await call("DELETE", "/v1/env", { ids: [env.id] })).body).toEqual({ deleted: [env.id], failed: [] });
    expect((await call("GET", `/v1/env/${env.id}`)).status).toBe(404);
  });
});
