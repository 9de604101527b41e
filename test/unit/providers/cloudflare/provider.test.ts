// Breaks when the stand-in forgives or refuses what the real plugin does not; the rest is in the conformance table.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCloudflare } from "../../../../sandbox/cloudflare/index.ts";
import type { FaultController, RequestLog, Served } from "../../../../sandbox/core/index.ts";
import { createContext, createFaultController, createRequestLog, serve } from "../../../../sandbox/core/index.ts";
import { cloudflare } from "../../../../sandbox/providers/cloudflare/index.ts";
import { TestEngine } from "../engine.ts";

const RECORD = "cloudflare:index/dnsRecord:DnsRecord";
let api: Served;
let log: RequestLog;
let faults: FaultController;
let engine: TestEngine;
let zoneId: string;

beforeEach(async () => {
  const vendor = createCloudflare(
    createContext({ options: { cloudflare: { tokens: ["the-token"], zones: [{ name: "a.example" }] } } }),
  );
  zoneId = vendor.inventory().zones![0]!.id;
  log = createRequestLog();
  faults = createFaultController({}, Date.now);
  api = await serve(vendor, { log, faults });
  engine = await TestEngine.start(cloudflare, RECORD, { apiToken: "the-token", baseUrl: `${api.url}/client/v4` });
});
afterEach(async () => {
  await engine.stop();
  await api.close();
});

const inputs = (more: object = {}) => ({
  zoneId,
  name: "www.a.example",
  type: "A",
  content: "192.0.2.1",
  ttl: 300,
  ...more,
});
const tell = (status: number, times: number, method?: string) =>
  faults.set({
    faults: [
      {
        id: "told",
        ...(method === undefined ? {} : { method }),
        times,
        action: { type: "status", status, retryAfter: 0 },
      },
    ],
  });

describe("names", () => {
  it("given short differ from nothing after a refresh, which learns the full one", async () => {
    const short = inputs({ name: "www" });
    const made = await engine.create(short);
    expect(made.properties.name).toBe("www");
    const found = await engine.read(made.id, made.properties, short);
    expect(found.properties.name).toBe("www.a.example");
    expect((await engine.diff(found.properties, short)).changes).toBe(false);
  });

  it("given in upper case differ for ever once refreshed", async () => {
    const loud = inputs({ name: "WWW.a.example" });
    const made = await engine.create(loud);
    expect((await engine.diff(made.properties, loud)).changes).toBe(false);
    const found = await engine.read(made.id, made.properties, loud);
    expect((await engine.diff(found.properties, loud)).changes).toBe(true);
  });
});

describe("failures", () => {
  it("quote the API's own answer, without the token", async () => {
    const refused = engine.create(inputs({ content: "not an address" }));
    await expect(refused).rejects.toThrow(/POST "http.*dns_records": 400 Bad Request .*"errors"/);
    await expect(refused).rejects.not.toThrow(/the-token/);
  });

  it("of a kind that may pass are tried three times in all", async () => {
    tell(429, 2);
    await engine.create(inputs());
    tell(503, 3);
    await expect(engine.create(inputs({ name: "other.a.example" }))).rejects.toThrow(/503/);
  });

  it("to delete what is gone are failures, as with the real provider", async () => {
    const made = await engine.create(inputs());
    await engine.delete(made.id, made.properties);
    await expect(engine.delete(made.id, made.properties)).rejects.toThrow(/404/);
  });

  it("of an import id say what it must look like", async () => {
    await expect(engine.read("only-one-part")).rejects.toThrow(/<zone_id>\/<dns_record_id>/);
  });
});

describe("settings of a CNAME", () => {
  it("are filled in with false where the API is silent, so that declaring false differs from nothing", async () => {
    const alias = inputs({ type: "CNAME", content: "b.example", settings: { flattenCname: false } });
    const made = await engine.create(alias);
    expect(made.properties.settings).toEqual({ ipv4Only: false, ipv6Only: false, flattenCname: false });
    expect((await engine.diff(made.properties, alias)).changes).toBe(false);
  });
});

describe("getZone", () => {
  const find = (args: Record<string, unknown>) => engine.invoke("cloudflare:index/getZone:getZone", args);

  it("finds a zone by name and by id", async () => {
    const { result } = await find({ filter: { name: "a.example" } });
    expect(result).toMatchObject({ zoneId, id: zoneId, name: "a.example", status: expect.any(String) });
    expect((await find({ zoneId })).result).toMatchObject({ name: "a.example" });
  });

  it("refuses a filter that does not match exactly one", async () => {
    await expect(find({ filter: { name: "none.example" } })).rejects.toThrow(/exactly one result: 0 found/);
    await expect(find({})).rejects.toThrow(/empty or null zone ID/);
  });
});

describe("zone settings", () => {
  it("are changed, never made nor removed", async () => {
    const setting = engine.for("cloudflare:index/zoneSetting:ZoneSetting");
    const made = await setting.create({ zoneId, settingId: "ssl", value: "strict" });
    await setting.delete(made.id, made.properties);
    expect(made.id).toBe("ssl");
    expect((await setting.read("ssl", made.properties, {})).properties.value).toBe("strict");
    expect(log.summary().latest.map((entry) => entry.method)).toEqual(["PATCH", "GET"]);
    await setting.stop();
  });
});
