import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bench, SHA_1, SHA_2 } from "./client.ts";

// Breaks when the provider's Deployment, or a release type that watches `readyState`, would wait for ever or see a wrong state.
describe("deployments", () => {
  it("is ready at once by default, with what the provider looks at", async () => {
    const { project, deploy, call, vercel } = bench();
    const id = await project("shop");
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    const made = await deploy(id, SHA_1, { meta: { release: "r1" } });
    expect(made).toMatchObject({
      readyState: "READY",
      target: "production",
      projectId: id,
      aliasError: null,
      alias: ["shop.qmoney.de", "shop.vercel.app"],
      gitSource: { type: "github", ref: SHA_1, org: "acme", repo: "sites" },
      meta: { release: "r1", githubCommitSha: SHA_1 },
    });
    expect(made.aliasAssigned).toBe(true);
    expect(made.url).toMatch(/^shop-[a-z0-9]{9}-marketingfunnelempire\.vercel\.app$/);
    expect((await call("GET", `/v13/deployments/${made.url}`)).body.id).toBe(made.id);
    expect((await call("GET", `/v9/projects/${id}`)).body.targets.production.id).toBe(made.id);
    for (const host of ["shop.qmoney.de", "shop.vercel.app", made.url, "SHOP.qmoney.de:443"]) {
      expect(vercel.liveAt(host), host).toMatchObject({
        deploymentId: made.id,
        commit: SHA_1,
        status: 200,
        marker: SHA_1,
      });
    }
  });

  it("goes from queued over building to ready as the clock says, and serves only then", async () => {
    const { project, deploy, call, advance, vercel } = bench({
      behaviour: { build: { queueMs: 1000, buildMs: 5000, aliasMs: 500 } },
    });
    const id = await project("shop");
    const { id: made, url } = await deploy(id, SHA_1);
    const state = async (): Promise<unknown[]> => {
      const { readyState, aliasAssigned } = (await call("GET", `/v13/deployments/${made}`)).body;
      return [readyState, Boolean(aliasAssigned)];
    };
    expect(await state()).toEqual(["QUEUED", false]);
    advance(1000);
    expect(await state()).toEqual(["BUILDING", false]);
    expect(vercel.liveAt(url)).toBeUndefined();
    advance(5000);
    expect(await state()).toEqual(["READY", false]);
    expect(vercel.liveAt(url)?.deploymentId).toBe(made);
    expect(vercel.liveAt("shop.vercel.app")).toBeUndefined();
    advance(500);
    expect(await state()).toEqual(["READY", true]);
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(made);
  });

  it("builds no more at a time than there are slots", async () => {
    const { project, deploy, call, advance } = bench({ behaviour: { build: { buildMs: 1000, concurrency: 2 } } });
    const id = await project("shop");
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push((await deploy(id, SHA_1)).id);
    const states = async (): Promise<string[]> =>
      Promise.all(ids.map(async (made) => (await call("GET", `/v13/deployments/${made}`)).body.readyState));
    expect(await states()).toEqual(["BUILDING", "BUILDING", "QUEUED", "QUEUED", "QUEUED"]);
    advance(1000);
    expect(await states()).toEqual(["READY", "READY", "BUILDING", "BUILDING", "QUEUED"]);
    advance(1000);
    expect(await states()).toEqual(["READY", "READY", "READY", "READY", "BUILDING"]);
  });

  it("fails the builds it is told to, and keeps the old release live", async () => {
    const { project, deploy, vercel, call } = bench({
      behaviour: { releases: [{ match: { commit: SHA_2.slice(0, 7) }, build: { errorMessage: "boom" } }] },
    });
    const id = await project("shop");
    const good = await deploy(id, SHA_1);
    const bad = await deploy(id, SHA_2);
    expect(bad).toMatchObject({
      readyState: "ERROR",
      errorCode: "BUILD_FAILED",
      errorMessage: "boom",
      aliasAssigned: false,
    });
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(good.id);
    expect(vercel.liveAt(bad.url)).toBeUndefined();
    const lines = (await call("GET", `/v3/deployments/${bad.id}/events`)).body;
    expect(lines.map((line: { payload: { text: string } }) => line.payload.text)).toContain("Error: boom");
  });

  it("fails about the share of builds that a probability names, always the same ones", async () => {
    const { project, deploy } = bench({ behaviour: { releases: [{ match: { probability: 0.3 }, build: {} }] } });
    const id = await project("shop");
    let failed = 0;
    for (let n = 0; n < 200; n += 1) if ((await deploy(id, SHA_1)).readyState === "ERROR") failed += 1;
    expect(failed).toBeGreaterThan(30);
    expect(failed).toBeLessThan(95);
  });

  it("serves bad releases that built fine", async () => {
    const { project, deploy, vercel } = bench();
    const [one, two] = [await project("one"), await project("two")];
    const first = await deploy(one, SHA_1);
    await deploy(two, SHA_1);
    vercel.setBehaviour({
      releases: [
        { match: { commit: SHA_1, project: "two" }, serve: { status: 500, delayMs: 300 } },
        { match: { deployment: first.id }, serve: { body: "wrong", marker: "other" } },
      ],
    });
    expect(vercel.liveAt("two.vercel.app")).toMatchObject({ status: 500, bodyKind: "error", delayMs: 300 });
    expect(vercel.liveAt("one.vercel.app")).toMatchObject({ status: 200, bodyKind: "wrong", marker: "other" });
    vercel.setBehaviour({ releases: [{ serve: { status: 500, at: "hosts" } }] });
    expect(vercel.liveAt("one.vercel.app")).toMatchObject({ status: 500 });
    expect(vercel.liveAt(first.url)).toMatchObject({ status: 200, own: true });
  });

  it("lets no older build push a newer one aside", async () => {
    const { project, deploy, advance, vercel } = bench({
      behaviour: {
        build: { buildMs: 1000 },
        releases: [{ match: { commit: SHA_1 }, build: { result: "ready", ms: 9000 } }],
      },
    });
    const id = await project("shop");
    await deploy(id, SHA_1);
    const newer = await deploy(id, SHA_2);
    advance(20_000);
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(newer.id);
  });

  it("asks for files it does not have, checks their digest, then deploys them", async () => {
    const { project, call, vercel } = bench();
    const id = await project("shop");
    const content = "<h1>hi</h1>";
    const sha = createHash("sha1").update(content).digest("hex");
    const body = {
      project: id,
      name: id,
      projectSettings: {},
      target: "production",
      files: [{ file: "index.html", sha, size: 11 }],
    };
    const refused = await call("POST", "/v12/now/deployments", body);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "missing_files", missing: [sha] } } });
    const upload = (digest: string): ReturnType<typeof call> =>
      call("POST", "/v2/now/files", content, { "x-vercel-digest": digest, "content-type": "application/octet-stream" });
    expect((await upload("0".repeat(40))).status).toBe(400);
    expect((await upload(sha)).status).toBe(200);
    const made = await call("POST", "/v12/now/deployments", body);
    expect(made.body).toMatchObject({ readyState: "QUEUED", aliasAssigned: false, source: "cli" });
    expect(made.body.gitSource).toBeUndefined();
    expect(vercel.liveAt("shop.vercel.app")?.commit).toMatch(/^[0-9a-f]{40}$/);
  });

  it("lists by project, target and state, page by page; cancels and deletes", async () => {
    const { project, deploy, call, vercel } = bench({ behaviour: { build: { buildMs: 1000 } } });
    const [one, two] = [await project("one"), await project("two")];
    for (let n = 0; n < 5; n += 1) await deploy(one, SHA_1);
    const preview = await deploy(one, "main", { target: undefined });
    await deploy(two, SHA_1);
    expect(preview.target).toBeNull();
    const list = async (query: string): Promise<{ uid: string }[]> => {
      const found: { uid: string }[] = [];
      let until: number | null = null;
      do {
        const { body } = await call(
          "GET",
          `/v6/deployments?limit=2&${query}${until === null ? "" : `&until=${until}`}`,
        );
        found.push(...body.deployments);
        until = body.pagination.next;
      } while (until !== null);
      return found;
    };
    expect(await list("")).toHaveLength(7);
    expect(await list(`projectId=${one}`)).toHaveLength(6);
    expect(await list(`projectId=${one}&target=production&state=BUILDING,READY`)).toHaveLength(5);
    const canceled = await call("PATCH", `/v12/deployments/${preview.id}/cancel`);
    expect(canceled.body.readyState).toBe("CANCELED");
    expect(await list("state=CANCELED")).toHaveLength(1);
    expect((await call("PATCH", `/v12/deployments/${preview.id}/cancel`)).status).toBe(400);
    expect((await call("DELETE", `/v13/deployments/${preview.id}`)).body).toEqual({
      uid: preview.id,
      state: "DELETED",
    });
    expect((await call("GET", `/v13/deployments/${preview.id}`)).status).toBe(404);
    expect(vercel.inventory().deployments).toHaveLength(6);
  });

  it("refuses repositories and projects it does not know", async () => {
    const { project, call } = bench({ seed: { repositories: ["acme/sites"] } });
    const id = await project("shop");
    const gitSource = { type: "github", org: "acme", repo: "none", ref: "main" };
    expect((await call("POST", "/v13/deployments", { project: id, gitSource })).body.error.code).toBe(
      "incorrect_git_source_info",
    );
    expect((await call("POST", "/v13/deployments", { project: "none", gitSource })).status).toBe(404);
    expect((await call("POST", "/v13/deployments", { project: id })).status).toBe(400);
  });
});

// Breaks when the sandbox hides that a build without Vercel's own variables carries no marker, or that old pages break.
describe("what a project's settings do", () => {
  it("tells the commit only where the build saw Vercel's own variables", async () => {
    const { project, deploy, call, vercel } = bench();
    const id = await project("shop");
    await deploy(id, SHA_1);
    expect(vercel.liveAt("shop.vercel.app")).toMatchObject({ marker: SHA_1, tellsCommit: true });
    await call("PATCH", `/v9/projects/${id}`, { autoExposeSystemEnvs: false });
    // What is built is built.
    expect(vercel.liveAt("shop.vercel.app")).toMatchObject({ marker: SHA_1, tellsCommit: true });
    await deploy(id, SHA_2);
    expect(vercel.liveAt("shop.vercel.app")).toMatchObject({ commit: SHA_2, marker: "", tellsCommit: false });
  });

  it("answers a page from the deployment it was loaded from, as long as skew protection lasts", async () => {
    const { project, deploy, call, vercel, advance } = bench();
    const [id, other] = [await project("shop"), await project("other")];
    const [old, strange] = [await deploy(id, SHA_1), await deploy(other, SHA_1)];
    await deploy(id, SHA_2);
    const live = (from?: string) => vercel.liveAt("shop.vercel.app", { from })?.commit;
    expect([live(), live(old.id)]).toEqual([SHA_2, SHA_2]);
    await call("PATCH", `/v9/projects/${id}`, { skewProtectionMaxAge: 1800 });
    expect([live(), live(old.id), live("dpl_none"), live(strange.id)]).toEqual([SHA_2, SHA_1, SHA_2, SHA_2]);
    advance(1_801_000);
    expect(live(old.id)).toBe(SHA_2);
  });
});
