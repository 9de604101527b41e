import { describe, expect, it } from "vitest";
import { bench, TEAM, TOKEN } from "./client.ts";

// Breaks when the real provider plugin, or a stand-in, could no longer create, read, change or delete projects.
describe("projects", () => {
  it("answers the fields that the provider reads after a POST", async () => {
    const { call } = bench();
    const { status, body } = await call("POST", "/v8/projects", {
      name: "shop",
      framework: "nextjs",
      rootDirectory: "apps/shop",
      buildCommand: null,
      devCommand: null,
      installCommand: null,
      outputDirectory: null,
      previewDeploymentSuffix: null,
      gitRepository: { type: "github", repo: "acme/sites" },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: "shop",
      framework: "nextjs",
      rootDirectory: "apps/shop",
      link: { type: "github", org: "acme", repo: "sites", productionBranch: "main" },
      autoAssignCustomDomains: true,
      gitForkProtection: true,
      nodeVersion: "22.x",
      passwordProtection: null,
      trustedIps: null,
      trustedSources: null,
      resourceConfig: { fluid: true, functionDefaultRegions: ["iad1"] },
    });
    expect(body.id).toMatch(/^prj_[A-Za-z0-9]{28}$/);
    for (const version of [8, 9, 10]) {
      expect((await call("GET", `/v${version}/projects/${body.id}`)).body.name).toBe("shop");
      expect((await call("GET", `/v${version}/projects/shop`)).body.id).toBe(body.id);
    }
  });

  it("refuses a name that is taken with the body of the real API", async () => {
    const { call, project } = bench();
    await project("shop");
    const { status, body } = await call("POST", "/v8/projects", { name: "shop" });
    expect(status).toBe(409);
    expect(body.error.code).toBe("conflict");
    expect(body.error.message).toContain('Project "shop" already exists');
  });

  it("refuses bad names, unknown fields, unknown frameworks and broken JSON", async () => {
    const { call } = bench();
    for (const name of ["Shop", "a---b", "x".repeat(101), ""]) {
      expect((await call("POST", "/v11/projects", { name })).status, name).toBe(400);
    }
    expect((await call("POST", "/v11/projects", { name: "a", colour: "red" })).body.error.message).toContain("colour");
    expect((await call("POST", "/v11/projects", { name: "a", framework: "cobol" })).status).toBe(400);
    expect((await call("POST", "/v11/projects", "{")).status).toBe(400);
  });

  it("changes only what a PATCH names, and takes null away", async () => {
    const { call, project } = bench();
    const id = await project("shop", { buildCommand: "make" });
    const first = await call("PATCH", `/v9/projects/${id}`, {
      ssoProtection: null,
      passwordProtection: { deploymentType: "all", password: "canary-password" },
      nodeVersion: "24.x",
    });
    expect(first.body).toMatchObject({ buildCommand: "make", ssoProtection: null, nodeVersion: "24.x" });
    expect(first.body.passwordProtection).toEqual({ deploymentType: "all" });
    const second = await call("PATCH", `/v9/projects/${id}`, {
      buildCommand: null,
      passwordProtection: null,
      name: "store",
    });
    expect(second.body).toMatchObject({ name: "store", buildCommand: null, passwordProtection: null });
    expect((await call("GET", "/v9/projects/shop")).status).toBe(404);
    expect((await call("GET", "/v9/projects/store")).body.id).toBe(id);
  });

  it("links and unlinks a repository and sets the production branch", async () => {
    const { call, project } = bench({ seed: { repositories: ["acme/sites", "acme/other"] } });
    const id = await project("shop");
    expect((await call("DELETE", `/v9/projects/${id}/link`)).body.link).toBeUndefined();
    const linked = await call("POST", `/v9/projects/${id}/link`, { type: "github", repo: "acme/other" });
    expect(linked.body.link).toMatchObject({ org: "acme", repo: "other" });
    expect((await call("PATCH", `/v9/projects/${id}/branch`, { branch: "live" })).body.link.productionBranch).toBe(
      "live",
    );
    expect((await call("POST", `/v9/projects/${id}/link`, { type: "github", repo: "acme/none" })).status).toBe(400);
  });

  it("limits the projects of a repository when told to", async () => {
    const { call, project } = bench({ behaviour: { projectsPerRepository: 2 } });
    await project("one");
    const two = await project("two");
    const third = { name: "three", gitRepository: { type: "github", repo: "acme/sites" } };
    expect((await call("POST", "/v8/projects", third)).status).toBe(400);
    await call("DELETE", `/v8/projects/${two}`);
    expect((await call("POST", "/v8/projects", third)).status).toBe(200);
  });

  it("lists every project once over all pages, newest first", async () => {
    const { call, project } = bench();
    for (let n = 0; n < 25; n += 1) await project(`site-${n}`);
    const names: string[] = [];
    let until: number | null = null;
    do {
      const page = await call("GET", `/v10/projects?limit=10${until === null ? "" : `&from=${until}`}`);
      names.push(...page.body.projects.map((found: { name: string }) => found.name));
      until = page.body.pagination.next;
    } while (until !== null);
    expect(names).toEqual(Array.from({ length: 25 }, (_, n) => `site-${24 - n}`));
  });

  it("deletes a project with everything that belongs to it", async () => {
    const { call, project, deploy, vercel } = bench();
    const id = await project("shop");
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    await call("POST", `/v10/projects/${id}/env`, { key: "A", value: "1", type: "plain", target: ["production"] });
    await deploy(id, "1".repeat(40));
    expect((await call("DELETE", `/v8/projects/${id}`)).status).toBe(204);
    const left = vercel.inventory();
    for (const kind of ["projects", "domains", "envs", "deployments", "aliases"]) expect(left[kind], kind).toEqual([]);
    expect(vercel.liveAt("shop.qmoney.de")).toBeUndefined();
    expect((await call("DELETE", `/v8/projects/${id}`)).status).toBe(404);
    await project("shop");
  });
});

// Breaks when a wrong token, team or address were taken for a right one.
describe("access", () => {
  it("tells a missing token, a wrong one and a foreign team apart", async () => {
    const { call, vercel } = bench({ seed: { tokens: [TOKEN] } });
    const bare = await vercel.fetch(new Request("http://127.0.0.1/v2/user"));
    expect(bare.status).toBe(401);
    expect(await bare.json()).toMatchObject({ error: { code: "forbidden", missingToken: true } });
    const wrong = await call("GET", "/v2/user", undefined, { authorization: "Bearer nobody" });
    expect(wrong).toMatchObject({ status: 403, body: { error: { code: "forbidden", invalidToken: true } } });
    expect(await call("GET", "/v9/projects/x?teamId=team_other")).toMatchObject({
      status: 403,
      body: { error: { code: "forbidden" } },
    });
  });

  it("keeps the projects of a team and of the user apart", async () => {
    const { call, project, vercel } = bench();
    const id = await project("shop");
    const team = (await call("GET", `/v2/teams/${TEAM}`)).body;
    expect(team.slug).toBe(TEAM);
    expect((await call("GET", `/v9/projects/${id}?teamId=${team.id}`)).status).toBe(200);
    const own = await vercel.fetch(
      new Request(`http://127.0.0.1/v9/projects/${id}`, { headers: { authorization: `Bearer ${TOKEN}` } }),
    );
    expect(own.status).toBe(404);
    expect((await call("GET", "/v2/teams/nobody")).status).toBe(404);
  });

  it("serves the two other hosts that the provider asks, without a token", async () => {
    const { vercel } = bench();
    const ask = async (host: string): Promise<unknown> =>
      (await vercel.fetch(new Request("http://127.0.0.1/", { headers: { "x-forwarded-host": host } }))).json();
    expect(await ask("api-frameworks.zeit.sh")).toContainEqual({ name: "nextjs", slug: "nextjs" });
    expect(await ask("dcs.vercel-infra.com:443")).toMatchObject({ fra1: { caps: ["V2_DEPLOYMENT_CREATE"] } });
  });
});
