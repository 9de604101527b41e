import { describe, expect, it } from "vitest";
import { bench, SHA_1, SHA_2 } from "./client.ts";

// Breaks when build–check–promote and the rollback in seconds could no longer be tried out on the sandbox.
describe("promotion and rollback", () => {
  it("stages a production deployment and promotes it without a build", async () => {
    const { project, deploy, call, vercel } = bench();
    const id = await project("shop");
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    const old = await deploy(id, SHA_1);
    const next = await deploy(id, SHA_2, { autoAssignCustomDomains: false });
    expect(next).toMatchObject({ readyState: "READY", readySubstate: "STAGED", aliasAssigned: false, alias: [] });
    expect(vercel.liveAt("shop.qmoney.de")?.deploymentId).toBe(old.id);
    expect(vercel.liveAt(next.url)?.deploymentId).toBe(next.id);
    expect((await call("POST", `/v10/projects/${id}/promote/${next.id}`, {})).status).toBe(201);
    expect(vercel.liveAt("shop.qmoney.de")?.deploymentId).toBe(next.id);
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(next.id);
    const after = (await call("GET", `/v13/deployments/${next.id}`)).body;
    expect(after.readySubstate).toBe("PROMOTED");
    expect(after.aliasAssigned).toBeTruthy();
    expect((await call("GET", `/v9/projects/${id}`)).body).toMatchObject({
      targets: { production: { id: next.id } },
      lastAliasRequest: { fromDeploymentId: old.id, toDeploymentId: next.id, jobStatus: "succeeded", type: "promote" },
    });
    expect((await call("POST", `/v10/projects/${id}/promote/${next.id}`, {})).status).toBe(409);
  });

  it("reports aliasAssigned for staged deployments when switched on", async () => {
    const { project, deploy } = bench({ behaviour: { stagedAliasAssigned: true } });
    const id = await project("shop");
    expect((await deploy(id, SHA_1, { autoAssignCustomDomains: false })).aliasAssigned).toBeTruthy();
  });

  it("stages when the project says so", async () => {
    const { project, deploy, call, vercel } = bench();
    const id = await project("shop");
    await call("PATCH", `/v9/projects/${id}`, { autoAssignCustomDomains: false });
    const made = await deploy(id, SHA_1);
    expect(made.readySubstate).toBe("STAGED");
    await call("POST", `/v10/projects/${id}/promote/${made.id}`, {});
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(made.id);
    expect((await call("GET", `/v9/projects/${id}`)).body.autoAssignCustomDomains).toBe(false);
  });

  it("moves host by host over the configured time", async () => {
    const { project, deploy, call, vercel, advance } = bench({ behaviour: { promotion: { delayMs: 4000 } } });
    const id = await project("shop");
    for (const label of ["a", "b", "c"])
      await call("POST", `/v10/projects/${id}/domains`, { name: `${label}.qmoney.de` });
    const old = await deploy(id, SHA_1);
    const next = await deploy(id, SHA_2, { autoAssignCustomDomains: false });
    const live = (): (string | undefined)[] =>
      ["a.qmoney.de", "b.qmoney.de", "c.qmoney.de", "shop.vercel.app"].map((host) => vercel.liveAt(host)?.deploymentId);
    expect((await call("POST", `/v10/projects/${id}/promote/${next.id}`, {})).status).toBe(202);
    expect(live()).toEqual([old.id, old.id, old.id, old.id]);
    expect((await call("POST", `/v10/projects/${id}/promote/${next.id}`, {})).status).toBe(409);
    advance(2000);
    expect(live()).toEqual([next.id, next.id, old.id, old.id]);
    const half = (await call("GET", `/v1/projects/${id}/promote/aliases?limit=20`)).body.aliases;
    expect(half.map((entry: { status: string }) => entry.status)).toEqual([
      "completed",
      "completed",
      "in-progress",
      "pending",
    ]);
    expect((await call("GET", `/v9/projects/${id}`)).body.lastAliasRequest.jobStatus).toBe("in-progress");
    advance(2000);
    expect(live()).toEqual([next.id, next.id, next.id, next.id]);
    expect((await call("GET", `/v9/projects/${id}`)).body.lastAliasRequest.jobStatus).toBe("succeeded");
  });

  it("leaves the hosts it is told to, and says so", async () => {
    const { project, deploy, call, vercel } = bench();
    const id = await project("shop");
    for (const label of ["a", "b"]) await call("POST", `/v10/projects/${id}/domains`, { name: `${label}.qmoney.de` });
    const old = await deploy(id, SHA_1);
    const next = await deploy(id, SHA_2, { autoAssignCustomDomains: false });
    vercel.setBehaviour({ promotion: { failing: ["b.qmoney.de"] } });
    await call("POST", `/v10/projects/${id}/promote/${next.id}`, {});
    expect(vercel.liveAt("a.qmoney.de")?.deploymentId).toBe(next.id);
    expect(vercel.liveAt("b.qmoney.de")?.deploymentId).toBe(old.id);
    expect((await call("GET", `/v9/projects/${id}`)).body.lastAliasRequest.jobStatus).toBe("failed");
    const failed = (await call("GET", `/v1/projects/${id}/promote/aliases?failedOnly=true`)).body.aliases;
    // The shape of Vercel's own SDK (ListPromoteAliasesResponseBody2).
    expect(failed).toEqual([{ status: "failed", alias: "b.qmoney.de", id: expect.any(String) }]);
  });

  it("rolls back, holds new deployments back until a promotion, then lets them go on", async () => {
    const { project, deploy, call, vercel } = bench();
    const id = await project("shop");
    const [one, two] = [await deploy(id, SHA_1), await deploy(id, SHA_2)];
    expect((await call("POST", `/v1/projects/${id}/rollback/${one.id}`)).status).toBe(201);
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(one.id);
    expect((await call("GET", `/v9/projects/${id}`)).body).toMatchObject({
      autoAssignCustomDomains: false,
      lastRollbackTarget: { toDeploymentId: one.id },
    });
    const held = await deploy(id, "3".repeat(40));
    expect(held.readySubstate).toBe("STAGED");
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(one.id);
    await call("POST", `/v10/projects/${id}/promote/${two.id}`, {});
    expect((await call("GET", `/v9/projects/${id}`)).body.autoAssignCustomDomains).toBe(true);
    const last = await deploy(id, "4".repeat(40));
    expect(vercel.liveAt("shop.vercel.app")?.deploymentId).toBe(last.id);
  });

  it("promotes neither previews nor failed builds nor strangers", async () => {
    const { project, deploy, call, vercel } = bench();
    const [one, two] = [await project("one"), await project("two")];
    await deploy(one, SHA_1);
    const preview = await deploy(one, "main", { target: undefined });
    const strange = await deploy(two, SHA_1);
    vercel.setBehaviour({ releases: [{ build: {} }] });
    const failed = await deploy(one, SHA_2);
    for (const [made, status] of [
      [preview.id, 400],
      [failed.id, 400],
      [strange.id, 404],
      ["dpl_none", 404],
    ]) {
      expect((await call("POST", `/v10/projects/${one}/promote/${made}`, {})).status).toBe(status);
    }
  });
});
