import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { createContext, createEventBus } from "../../../../sandbox/core/index.ts";
import { createVercel } from "../../../../sandbox/vercel/index.ts";
import { type Bench, bench, SHA_1, SHA_2, TEAM } from "./client.ts";

// Breaks when a sandbox that was stopped, or killed, went on with another world than it had.
describe("snapshot and restore", () => {
  it("goes on with builds and promotions that were under way", async () => {
    const slow = { build: { buildMs: 5000 }, promotion: { delayMs: 4000 } };
    const first = bench({ behaviour: slow });
    const id = await first.project("shop");
    await first.call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    const old = await first.deploy(id, SHA_1);
    first.advance(5000);
    const next = await first.deploy(id, SHA_2, { autoAssignCustomDomains: false });
    first.advance(5000);
    await first.call("POST", `/v10/projects/${id}/promote/${next.id}`, {});
    const building = await first.deploy(id, "main", { target: undefined });
    const second = bench();
    second.vercel.restore(JSON.parse(JSON.stringify(first.vercel.snapshot())));
    second.advance(10_000);
    expect(second.vercel.behaviour().promotion.delayMs).toBe(4000);
    expect(second.vercel.liveAt("shop.qmoney.de")?.deploymentId).toBe(old.id);
    second.advance(4000);
    expect(second.vercel.liveAt("shop.qmoney.de")?.deploymentId).toBe(next.id);
    second.advance(1000);
    expect((await second.call("GET", `/v13/deployments/${building.id}`)).body.readyState).toBe("READY");
  });

  // Every test on a `bench` compares a snapshot and the changes since with the world after each call; these are what no other does.
  it("tells of changes that come with something else's end", async () => {
    const { call, project, deploy } = bench();
    const id = await project("shop");
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    const live = await deploy(id, SHA_1);
    await call("POST", `/v2/deployments/${live.id}/aliases`, { alias: "alias.qmoney.de" });
    const env = { evs: [{ key: "A", value: "1" }], type: "encrypted", target: ["production"], projectId: [id] };
    expect((await call("POST", "/v1/env", env)).status).toBe(201);
    expect((await call("DELETE", `/v13/deployments/${live.id}`)).status).toBe(200);
    expect((await call("GET", "/v4/aliases/alias.qmoney.de")).status).toBe(404);
    expect((await call("DELETE", `/v9/projects/${id}`)).status).toBe(204);
    expect((await call("GET", "/v1/env")).body.data[0].projectId).toEqual([]);
  });

  it("tells only what changed, however much there is", async () => {
    const vercel = createVercel(createContext());
    const send = (method: string, path: string, body: object): Promise<Response> =>
      vercel.fetch(
        new Request(`http://127.0.0.1${path}?slug=${TEAM}`, {
          method,
          headers: { authorization: "Bearer x" },
          body: JSON.stringify(body),
        }),
      );
    const told = (): string[] | undefined => {
      const changes = vercel.changes?.() as { records: [string, string, unknown][] } | undefined;
      return changes?.records.map(([kind, key]) => (kind === "domains" ? `${kind} ${key}` : kind));
    };
    expect(told()).toBeUndefined();
    for (let n = 0; n < 50; n++) await send("POST", "/v9/projects", { name: `site-${n}` });
    expect(told()).toHaveLength(50);
    expect(told()).toEqual([]);
    const gitSource = { type: "github", org: "o", repo: "r", ref: SHA_1 };
    await send("POST", "/v10/projects/site-7/domains", { name: "shop.qmoney.de" });
    await send("POST", "/v13/deployments", { project: "site-7", target: "production", gitSource });
    expect(told()).toEqual(["domains shop.qmoney.de", "projects", "deployments"]);
    await send("DELETE", "/v9/projects/site-7", {});
    expect(told()).toEqual(["domains shop.qmoney.de", "deployments", "projects"]);
    vercel.setBehaviour({});
    expect(told()).toBeUndefined();
  });

  it("refuses what is not its own", () => {
    const { vercel } = bench();
    for (const state of [null, {}, { vendor: "cloudflare" }, { vendor: "vercel", store: { version: 2 } }]) {
      expect(() => vercel.restore(state)).toThrow();
    }
  });

  it("holds the same world whatever was done before, index by index", async () => {
    const names = ["a", "b", "c"] as const;
    const hosts = ["x.qmoney.de", "y.qmoney.de", "*.qmoney.de"] as const;
    const step = fc.record({
      act: fc.constantFrom("create", "delete", "attach", "detach", "deploy", "stage", "promote", "rollback", "wait"),
      name: fc.constantFrom(...names),
      host: fc.constantFrom(...hosts),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const one = bench({ behaviour: { build: { buildMs: 100 }, promotion: { delayMs: 100 } } });
        for (const { act, name, host } of steps) await perform(one, act, name, host);
        const two = bench();
        two.vercel.restore(JSON.parse(JSON.stringify(one.vercel.snapshot())));
        const moved = steps.filter(({ act }) => act === "wait").length * 70;
        two.advance(moved);
        expect(two.vercel.inventory()).toEqual(one.vercel.inventory());
        for (const host of [...hosts.slice(0, 2), "z.qmoney.de", "a.vercel.app"]) {
          expect(two.vercel.liveAt(host)).toEqual(one.vercel.liveAt(host));
        }
        const { domains, projects, deployments } = one.vercel.inventory();
        const ids = new Set(projects?.map((project) => project.id));
        for (const item of [...(domains ?? []), ...(deployments ?? [])]) expect(ids).toContain(item.projectId);
        const known = new Set(deployments?.map((deployment) => deployment.id));
        for (const domain of domains ?? []) {
          if (domain.deploymentId !== null) expect(known).toContain(domain.deploymentId);
        }
        for (const project of projects ?? []) {
          expect((await two.call("GET", `/v9/projects/${project.name}`)).body.id).toBe(project.id);
        }
      }),
      { numRuns: 40 },
    );
  });
});

async function perform(world: Bench, act: string, name: string, host: string): Promise<void> {
  const { call } = world;
  const deploy = {
    project: name,
    target: "production",
    gitSource: { type: "github", org: "o", repo: "r", ref: SHA_1 },
  };
  if (act === "create") await call("POST", "/v9/projects", { name });
  if (act === "delete") await call("DELETE", `/v9/projects/${name}`);
  if (act === "attach") await call("POST", `/v10/projects/${name}/domains`, { name: host });
  if (act === "detach") await call("DELETE", `/v9/projects/${name}/domains/${host}`);
  if (act === "deploy") await call("POST", "/v13/deployments", deploy);
  if (act === "stage") await call("POST", "/v13/deployments", { ...deploy, autoAssignCustomDomains: false });
  if (act === "wait") world.advance(70);
  if (act === "promote" || act === "rollback") {
    const { body } = await call("GET", `/v6/deployments?projectId=${name}&state=READY`);
    const [target] = body.deployments ?? [];
    if (target !== undefined) await call("POST", `/v9/projects/${name}/${act}/${target.uid}`, {});
  }
}

// Breaks when the web server or the others in the sandbox were told wrongly what is live.
describe("beside the API", () => {
  it("tells the others what happened", async () => {
    const events = createEventBus();
    const heard: string[] = [];
    events.subscribe(({ type, data }) => heard.push(`${type} ${data.host ?? data.name ?? ""}`.trim()));
    let changes = 0;
    const vercel = createVercel(createContext({ events, changed: () => (changes += 1) }));
    const post = (path: string, body: object): Promise<Response> =>
      vercel.fetch(
        new Request(`http://127.0.0.1${path}?slug=${TEAM}`, {
          method: "POST",
          headers: { authorization: "Bearer x" },
          body: JSON.stringify(body),
        }),
      );
    await post("/v9/projects", { name: "shop" });
    await post("/v10/projects/shop/domains", { name: "shop.qmoney.de" });
    await post("/v13/deployments", {
      project: "shop",
      target: "production",
      gitSource: { type: "github", org: "o", repo: "r", ref: "main" },
    });
    expect(heard).toEqual([
      "project.created shop",
      "domain.created shop.qmoney.de",
      "deployment.created",
      "alias.assigned shop.qmoney.de",
      "alias.assigned shop.vercel.app",
      "deployment.finished",
    ]);
    expect(changes).toBe(heard.length);
  });

  it("protects deployments' own addresses when told to, and lets the bypass secret through", async () => {
    const { call, project, deploy, vercel } = bench({ behaviour: { protection: "enforce" } });
    const id = await project("shop");
    const { url } = await deploy(id, SHA_1);
    expect(vercel.liveAt("shop.vercel.app")).toMatchObject({ status: 200, own: false });
    expect(vercel.liveAt(url)).toMatchObject({ status: 401, bodyKind: "protected", own: true });
    const made = await call("PATCH", `/v10/projects/${id}/protection-bypass`, { generate: {} });
    const [secret = ""] = Object.keys(made.body.protectionBypass);
    expect(secret).toMatch(/^[0-9A-Za-z]{32}$/);
    expect(vercel.liveAt(url, { bypass: secret })?.status).toBe(200);
    expect(vercel.liveAt(url, { bypass: "x".repeat(32) })?.status).toBe(401);
    await call("PATCH", `/v10/projects/${id}/protection-bypass`, { revoke: { secret, regenerate: false } });
    expect(vercel.liveAt(url, { bypass: secret })?.status).toBe(401);
    await call("PATCH", `/v9/projects/${id}`, { ssoProtection: null });
    expect(vercel.liveAt(url)?.status).toBe(200);
  });

  it("knows which hosts are attached, deployed or not", async () => {
    const { call, project, vercel } = bench();
    await project("shop");
    await call("POST", "/v10/projects/shop/domains", { name: "*.qmoney.de" });
    expect(["a.qmoney.de", "qmoney.de", "a.b.qmoney.de"].map((host) => vercel.attached(host))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("keeps the configuration it had when a new one is refused", () => {
    const { vercel } = bench({ behaviour: { build: { buildMs: 5 } } });
    expect(() => vercel.setBehaviour({ build: { buildMs: -1 } })).toThrow();
    expect(vercel.behaviour().build.buildMs).toBe(5);
  });

  it("answers what it does not serve, and what makes no sense, without failing", async () => {
    const { call } = bench();
    expect(await call("GET", "/v1/moon")).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect((await call("GET", "/v9/projects/%zz")).status).toBe(404);
    expect((await call("POST", "/v9/projects", [1])).status).toBe(400);
    expect((await call("POST", "/v10/projects/none/env", "nonsense")).status).toBe(400);
    expect((await call("PATCH", "/v1/env", { updates: null })).status).toBe(400);
    expect((await call("POST", "/v13/deployments", { project: "x", files: "none" })).status).toBe(404);
  });
});

describe("passed on to emulate", () => {
  const open: Bench[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ vercel }) => vercel.close()));
  });

  it("serves what holds nothing of ours", async () => {
    const world = bench();
    open.push(world);
    const { id } = (await world.call("GET", `/v2/teams/${TEAM}`)).body;
    const members = await world.call("GET", `/v2/teams/${id}/members?teamId=${id}`);
    expect(members.status).toBe(200);
    expect(members.body.members.length).toBeGreaterThan(0);
    expect((await world.vercel.fetch(new Request(`http://127.0.0.1/v2/teams/${id}/members`))).status).toBe(401);
  });
});
