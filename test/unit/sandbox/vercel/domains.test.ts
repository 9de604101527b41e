import { describe, expect, it } from "vitest";
import { bench, SHA_1, SHA_2 } from "./client.ts";

// Breaks when attaching hosts to projects behaved unlike the real API for the provider's ProjectDomain.
describe("domains", () => {
  it("adds, reads, changes, lists and deletes", async () => {
    const { call, project } = bench();
    const id = await project("shop");
    const added = await call("POST", `/v10/projects/${id}/domains`, { name: "Shop.qmoney.de" });
    expect(added).toMatchObject({
      status: 200,
      body: { name: "shop.qmoney.de", apexName: "qmoney.de", projectId: id, verified: true },
    });
    expect(added.body.verification).toBeUndefined();
    expect((await call("GET", `/v9/projects/shop/domains/shop.qmoney.de`)).body.name).toBe("shop.qmoney.de");
    const moved = await call("PATCH", `/v9/projects/${id}/domains/shop.qmoney.de`, {
      gitBranch: null,
      redirect: "www.qmoney.de",
      redirectStatusCode: 308,
    });
    expect(moved.body).toMatchObject({ redirect: "www.qmoney.de", redirectStatusCode: 308 });
    const names = (await call("GET", `/v9/projects/${id}/domains`)).body.domains.map(
      (found: { name: string }) => found.name,
    );
    expect(names).toEqual(["shop.qmoney.de", "shop.vercel.app"]);
    expect((await call("DELETE", `/v9/projects/${id}/domains/shop.qmoney.de`)).status).toBe(200);
    expect((await call("GET", `/v9/projects/${id}/domains/shop.qmoney.de`)).status).toBe(404);
  });

  it("refuses a domain in use with the holder in the body", async () => {
    const { call, project } = bench();
    const [one, two] = [await project("one"), await project("two")];
    await call("POST", `/v10/projects/${one}/domains`, { name: "a.qmoney.de" });
    const { status, body } = await call("POST", `/v10/projects/${two}/domains`, { name: "a.qmoney.de" });
    expect(status).toBe(409);
    expect(body.error).toEqual({
      code: "domain_already_in_use",
      message: "Cannot add a.qmoney.de since it's already in use by one of your projects.",
      projectId: two,
      domain: { name: "a.qmoney.de", apexName: "qmoney.de", projectId: one },
    });
  });

  it("refuses bad names and impossible combinations", async () => {
    const { call, project } = bench();
    const id = await project("shop");
    for (const name of ["", "x", "a_b..de", "-a.de", `${"l".repeat(64)}.de`, "https://a.de"]) {
      expect((await call("POST", `/v10/projects/${id}/domains`, { name })).status, name).toBe(400);
    }
    const both = { name: "a.de", gitBranch: "dev", redirect: "b.de" };
    expect((await call("POST", `/v10/projects/${id}/domains`, both)).status).toBe(400);
    const code = { name: "a.de", redirect: "b.de", redirectStatusCode: 200 };
    expect((await call("POST", `/v10/projects/${id}/domains`, code)).status).toBe(400);
  });

  it("serves a wildcard for one label, and a host of its own before it", async () => {
    const { call, project, deploy, vercel } = bench();
    const [wide, own] = [await project("wide"), await project("own")];
    await call("POST", `/v10/projects/${wide}/domains`, { name: "*.qmoney.de" });
    await call("POST", `/v10/projects/${own}/domains`, { name: "own.qmoney.de" });
    const [a, b] = [await deploy(wide, SHA_1), await deploy(own, SHA_2)];
    expect(vercel.liveAt("any.qmoney.de")).toMatchObject({ siteHost: "any.qmoney.de", deploymentId: a.id });
    expect(vercel.liveAt("own.qmoney.de")?.deploymentId).toBe(b.id);
    expect(vercel.liveAt("a.b.qmoney.de")).toBeUndefined();
    expect(vercel.liveAt("qmoney.de")).toBeUndefined();
    expect((await call("GET", `/v9/projects/${wide}/domains/*.qmoney.de`)).status).toBe(200);
    expect((await call("GET", "/v6/domains/*.qmoney.de/config")).body.acceptedChallenges).toEqual(["dns-01"]);
  });

  it("points a domain that is added later at the live deployment", async () => {
    const { call, project, deploy, vercel } = bench();
    const id = await project("shop");
    const { id: made } = await deploy(id, SHA_1);
    await call("POST", `/v10/projects/${id}/domains`, { name: "late.qmoney.de" });
    expect(vercel.liveAt("late.qmoney.de")?.deploymentId).toBe(made);
    await call("PATCH", `/v9/projects/${id}/domains/late.qmoney.de`, { gitBranch: "dev" });
    expect(vercel.liveAt("late.qmoney.de")).toBeUndefined();
    await call("PATCH", `/v9/projects/${id}/domains/late.qmoney.de`, { gitBranch: null, redirect: "shop.qmoney.de" });
    expect(vercel.liveAt("late.qmoney.de")).toMatchObject({
      status: 307,
      bodyKind: "redirect",
      redirect: "shop.qmoney.de",
    });
  });

  it("asks for a TXT record when another account uses the domain, and finds it in the sandbox's DNS", async () => {
    const records = new Map<string, string[]>();
    const { call, project, deploy, vercel } = bench({
      behaviour: { domains: { ownedElsewhere: ["qmoney.de"] } },
      dns: { lookup: (name, type) => records.get(`${type} ${name}`) ?? [] },
    });
    const id = await project("shop");
    await deploy(id, SHA_1);
    const { body } = await call("POST", `/v10/projects/${id}/domains`, { name: "a.qmoney.de" });
    expect(body.verified).toBe(false);
    expect(body.verification).toMatchObject([{ type: "TXT", domain: "_vercel.qmoney.de" }]);
    expect(vercel.liveAt("a.qmoney.de")).toBeUndefined();
    expect((await call("POST", `/v9/projects/${id}/domains/a.qmoney.de/verify`)).body.error.code).toBe(
      "missing_txt_record",
    );
    records.set("TXT _vercel.qmoney.de", [body.verification[0].value]);
    expect((await call("GET", `/v9/projects/${id}/domains/a.qmoney.de`)).body.verified).toBe(true);
    expect(vercel.liveAt("a.qmoney.de")?.status).toBe(200);
  });

  it("tells from the DNS whether a domain is configured, when asked to", async () => {
    const records = new Map([["CNAME a.qmoney.de", ["cname.vercel-dns.com"]]]);
    const { call } = bench({
      behaviour: { domains: { check: "dns" } },
      dns: { lookup: (name, type) => records.get(`${type} ${name}`) ?? [] },
    });
    const config = async (name: string): Promise<boolean> =>
      (await call("GET", `/v6/domains/${name}/config`)).body.misconfigured;
    expect(await config("a.qmoney.de")).toBe(false);
    expect(await config("b.qmoney.de")).toBe(true);
    expect(await config("*.qmoney.de")).toBe(true);
    records.set("NS _acme-challenge.qmoney.de", ["ns1.vercel-dns.com"]);
    expect(await config("*.qmoney.de")).toBe(false);
  });
});

// Breaks when the provider's Alias, an upsert in one call, moved nothing or could not be read back.
describe("aliases", () => {
  it("assigns, moves, reads and deletes", async () => {
    const { call, project, deploy, vercel } = bench();
    const id = await project("shop");
    const one = await deploy(id, SHA_1);
    const two = await deploy(id, SHA_2);
    const first = await call("POST", `/v2/deployments/${one.id}/aliases`, { alias: "old.qmoney.de" });
    expect(first.body.alias).toBe("old.qmoney.de");
    expect(vercel.liveAt("old.qmoney.de")?.deploymentId).toBe(one.id);
    const moved = await call("POST", `/v2/deployments/${two.id}/aliases`, { alias: "old.qmoney.de" });
    expect(moved.body).toMatchObject({ uid: first.body.uid, oldDeploymentId: one.id });
    for (const key of [first.body.uid, "old.qmoney.de"]) {
      expect((await call("GET", `/v4/aliases/${key}`)).body).toMatchObject({ deploymentId: two.id, projectId: id });
    }
    expect((await call("GET", `/v4/aliases/shop.vercel.app`)).body.deploymentId).toBe(two.id);
    expect((await call("GET", `/v4/aliases?projectId=${id}`)).body.aliases).toHaveLength(2);
    expect((await call("DELETE", `/v2/aliases/${first.body.uid}`)).body).toEqual({ status: "SUCCESS" });
    expect((await call("GET", `/v4/aliases/old.qmoney.de`)).status).toBe(404);
    expect(vercel.liveAt("old.qmoney.de")).toBeUndefined();
  });

  it("answers cert_missing where told to", async () => {
    const { call, project, deploy } = bench({ behaviour: { certMissing: ["*.qmoney.de"] } });
    const made = await deploy(await project("shop"), SHA_1);
    const refused = await call("POST", `/v2/deployments/${made.id}/aliases`, { alias: "a.qmoney.de" });
    expect(refused).toMatchObject({ status: 400, body: { error: { code: "cert_missing" } } });
  });
});
