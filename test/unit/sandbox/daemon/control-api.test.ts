// What would break: tests could not switch faults on or compare inventories, and any web page could reset the sandbox.
import { describe, expect, it } from "vitest";
import { createContext, createFaultController, createRequestLog, type Vendor } from "../../../../sandbox/core/index.ts";
import { controlApi } from "../../../../sandbox/daemon/control-api.ts";
import { createHost } from "../../../../sandbox/host/index.ts";
import { createVercel } from "../../../../sandbox/vercel/index.ts";

function setUp() {
  const vercel = createVercel(createContext());
  const vendor: Vendor = {
    name: "github",
    fetch: async () => new Response(null),
    inventory: () => ({ repositories: [{ id: "1", name: "a/b" }] }),
    snapshot: () => ({}),
    restore: () => {},
  };
  const log = createRequestLog();
  const faults = createFaultController();
  let resets = 0;
  const reset = async (): Promise<void> => {
    resets += 1;
  };
  const host = createHost(createContext(), { services: [], tree: "/nonexistent", servers: [], socket: false });
  const app = controlApi({ vendors: [vercel, vendor, host], vercel, host, faults, log, startedAt: 0, reset });
  const call = (path: string, init: RequestInit = {}) =>
    app.request(`http://127.0.0.1:1${path}`, { ...init, headers: { host: "127.0.0.1:1", ...init.headers } });
  const put = (path: string, body: unknown) => call(path, { method: "PUT", body: JSON.stringify(body) });
  return { call, put, faults, log, vercel, resets: () => resets };
}

describe("control API", () => {
  it("reports health with the number of objects", async () => {
    const health = await (await setUp().call("/health")).json();
    expect(health).toMatchObject({ status: "ok", counts: { github: { repositories: 1 }, vercel: { teams: 1 } } });
  });

  it("lists the inventory, of one vendor on request", async () => {
    const { call } = setUp();
    expect(Object.keys((await (await call("/inventory")).json()) as object)).toEqual(["vercel", "github", "host"]);
    expect(await (await call("/inventory?vendor=github")).json()).toEqual({
      github: { repositories: [{ id: "1", name: "a/b" }] },
    });
    expect((await call("/inventory?vendor=nobody")).status).toBe(404);
  });

  it("sets and clears faults, and says what is wrong with them", async () => {
    const { call, put, faults } = setUp();
    const rule = { id: "slow", vendor: "vercel", action: { type: "delay", ms: 5 } };
    expect((await put("/faults", { faults: [rule] })).status).toBe(200);
    expect(faults.status().config.faults).toHaveLength(1);
    const wrong = await put("/faults", { faults: [{ ...rule, probability: 2 }] });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { issues: [{ path: ["faults", 0, "probability"] }] } });
    expect((await call("/faults", { method: "PUT", body: "{" })).status).toBe(400);
    expect(faults.status().config.faults).toHaveLength(1);
    await call("/faults", { method: "DELETE" });
    expect(faults.status().config.faults).toHaveLength(0);
  });

  it("changes how Vercel behaves", async () => {
    const { call, put, vercel } = setUp();
    expect((await put("/vercel", { build: { buildMs: 7 } })).status).toBe(200);
    expect(vercel.behaviour().build.buildMs).toBe(7);
    await call("/vercel", { method: "DELETE" });
    expect(vercel.behaviour().build.buildMs).toBe(0);
  });

  it("shows and forgets requests, and resets", async () => {
    const { call, log, resets } = setUp();
    log.add({ at: 0, vendor: "vercel", method: "GET", path: "/x", route: "/x", status: 200, ms: 1 });
    expect(await (await call("/requests?latest=1")).json()).toMatchObject({ total: 1, latest: [{ path: "/x" }] });
    expect((await call("/requests", { method: "DELETE" })).status).toBe(204);
    expect(await (await call("/requests")).json()).toMatchObject({ total: 0 });
    expect((await call("/reset", { method: "POST" })).status).toBe(204);
    expect(resets()).toBe(1);
  });

  it("refuses web pages: foreign host names and requests with an origin", async () => {
    const { call, resets } = setUp();
    const origin = await call("/reset", { method: "POST", headers: { origin: "https://evil.example" } });
    const rebound = await call("/reset", { method: "POST", headers: { host: "evil.example:1" } });
    expect([origin.status, rebound.status, resets()]).toEqual([403, 403, 0]);
  });
});
