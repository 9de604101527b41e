import { describe, expect, it } from "vitest";
import { bench, SHA_1 } from "./client.ts";

// Breaks when the cost monitor and the traffic-aware window had nothing true to read.
describe("billing and traffic", () => {
  const rows = (text: string): Record<string, unknown>[] =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));

  it("bills the seat by the day, and visits and builds by project, as FOCUS rows", async () => {
    const { call, project, deploy, vercel, advance } = bench({ behaviour: { build: { buildMs: 120_000 } } });
    const id = await project("shop");
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    await deploy(id, SHA_1);
    advance(120_000);
    for (let n = 0; n < 1000; n += 1) vercel.visit("shop.qmoney.de", 1_000_000);
    const query = "from=2026-11-01T00:00:00Z&to=2026-11-03T00:00:00Z";
    const { status, body, headers } = await call("GET", `/v1/billing/charges?${query}`);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/jsonl");
    const found = rows(body).map(({ ServiceName, ConsumedQuantity, BilledCost, Tags }) => [
      ServiceName,
      ConsumedQuantity,
      BilledCost,
      (Tags as Record<string, string>).ProjectName,
    ]);
    expect(found).toEqual([
      ["Pro Seat", 1, 0.666667, undefined],
      ["Edge Requests", 1000, 0.002, "shop"],
      ["Fast Data Transfer", 1, 0.15, "shop"],
      ["Build Minutes", 2, 0.007, "shop"],
    ]);
    expect(rows(body)[0]).toMatchObject({
      BillingCurrency: "USD",
      ChargePeriodStart: "2026-11-01T00:00:00.000Z",
      ChargePeriodEnd: "2026-11-02T00:00:00.000Z",
      ServiceProviderName: "Vercel",
    });
  });

  it("asks for a range, and no longer than a year", async () => {
    const { call } = bench();
    for (const query of [
      "",
      "from=2026-11-01T00:00:00Z",
      "from=2026-11-02&to=2026-11-01",
      "from=2024-01-01&to=2026-01-01",
    ]) {
      expect((await call("GET", `/v1/billing/charges?${query}`)).status, query).toBe(400);
    }
  });

  it("shows the hours of made-up traffic, so that a quiet window can be found", async () => {
    const { call, project, advance } = bench({ behaviour: { traffic: { requestsPerHostDay: 24_000 } } });
    const id = await project("shop");
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.qmoney.de" });
    await call("POST", `/v10/projects/${id}/domains`, { name: "shop.remotecash.de" });
    advance(48 * 3_600_000);
    const usage = async (domain: string): Promise<{ hour: string; requests: number }[]> =>
      (await call("GET", `/v2/usage?from=2026-11-02T00:00:00Z&to=2026-11-03T00:00:00Z&domain=${domain}`)).body.data;
    const hours = await usage("qmoney.de");
    expect(hours).toHaveLength(24);
    const quietest = hours.reduce((least, hour) => (hour.requests < least.requests ? hour : least));
    expect(quietest.hour).toBe("2026-11-02T03:00:00.000Z");
    const total = hours.reduce((sum, hour) => sum + hour.requests, 0);
    expect(Math.abs(total - 24_000)).toBeLessThan(24);
    expect((await usage("nowhere.de")).every((hour) => hour.requests === 0)).toBe(true);
  });
});

// Breaks when the forecast has no history to learn from, or one that no account has.
describe("made-up history of charges", () => {
  const rowsOf = (text: string): Record<string, unknown>[] =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));

  it("has the documented columns, the account's projects, and the boundary that was asked for", async () => {
    const { call, project, vercel } = bench({ behaviour: { billing: { months: 18, boundary: "pacific" } } });
    for (const name of ["shop", "blog", "docs"]) await project(name);
    const { body } = await call("GET", "/v1/billing/charges?from=2026-09-01T00:00:00Z&to=2026-11-05T00:00:00Z");
    const found = rowsOf(body);
    expect(Object.keys(found[0] ?? {}).sort()).toEqual(
      "BilledCost BillingCurrency ChargeCategory ChargePeriodEnd ChargePeriodStart ConsumedQuantity ConsumedUnit EffectiveCost PricingCategory PricingCurrency PricingQuantity PricingUnit RegionId RegionName ServiceCategory ServiceName ServiceProviderName Tags".split(
        " ",
      ),
    );
    const starts = found.map(({ ChargePeriodStart }) => String(ChargePeriodStart).slice(11));
    expect(new Set(starts)).toEqual(new Set(["07:00:00.000Z"]));
    expect(new Set(found.map(({ Tags }) => (Tags as { ProjectName?: string }).ProjectName))).toEqual(
      new Set([undefined, "shop", "blog", "docs"]),
    );
    expect(new Set(found.map(({ ChargeCategory }) => ChargeCategory))).toEqual(
      new Set(["Usage", "Purchase", "Credit"]),
    );
    expect(found.some(({ ServiceName }) => ServiceName === "Flat Rate CDN")).toBe(true);
    // The same question has the same answer, and gzip when that is asked for.
    const again = await call(
      "GET",
      "/v1/billing/charges?from=2026-09-01T00:00:00Z&to=2026-11-05T00:00:00Z",
      undefined,
      { "accept-encoding": "gzip" },
    );
    expect(again.headers.get("content-encoding")).toBe("gzip");
    expect(vercel.behaviour().billing.months).toBe(18);
  });
});
