import { describe, expect, it, vi } from "vitest";
import { cycleOf } from "../../../../fleet/cost/charges/day.ts";
import { chooseMethod } from "../../../../fleet/cost/forecast/backtest.ts";
import { coverageOf } from "../../../../fleet/cost/forecast/coverage.ts";
import { forecastCycle } from "../../../../fleet/cost/forecast/forecast.ts";
import { completeDays, seriesOf } from "../../../../fleet/cost/forecast/series.ts";
import { findSpikes } from "../../../../fleet/cost/spikes.ts";
import { spikeOf } from "../../../../sandbox/vercel/usage/history.ts";
import { history, NOW, tableOfHistory } from "./history.ts";
import { PRICES, withAccount } from "./support.ts";

// Breaks when a forecast is worse than taking last week again, its interval promises too much, or a spike is not seen.

// Seconds of work, and a multiple of it on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 90_000 });

const COVERED = new Set(["Edge Requests", "Fast Data Transfer"]);

describe("backtest over 18 months", () => {
  const judged = [1, 2, 3].map((seed) => {
    const table = tableOfHistory({ seed, boundary: seed % 2 === 0 ? "pacific" : "utc" });
    const series = seriesOf(
      table,
      completeDays(table, NOW),
      ({ part, service }) => part === "metered" && !COVERED.has(service),
    );
    const { chosen, all } = chooseMethod(series.values);
    return {
      table,
      chosen,
      errors: new Map(all.map(({ method, error }) => [method, error])),
      coverage: coverageOf(series.values, chosen),
    };
  });

  it("beats the seasonal naive, and says by how much", () => {
    for (const { chosen, errors } of judged) {
      console.log(
        `error of a day: ${[...errors].map(([method, error]) => `${method} ${(100 * error).toFixed(1)} %`).join(", ")}`,
      );
      expect(chosen.method).toBe("damped-trend");
      expect(chosen.error).toBeLessThan(Math.min(errors.get("naive-week") ?? 0, errors.get("naive-median") ?? 0));
    }
  });

  it("gives 95 % intervals that hold in 90 to 99 % of the cases", () => {
    const cases = judged.reduce((sum, { coverage }) => sum + (coverage?.judged ?? 0), 0);
    const mean = (of: "of80" | "of95") =>
      judged.reduce((sum, { coverage }) => sum + (coverage?.[of] ?? 0), 0) / judged.length;
    console.log(
      `coverage: 80 % ${(100 * mean("of80")).toFixed(1)} %, 95 % ${(100 * mean("of95")).toFixed(1)} %, ${cases} cases`,
    );
    expect(cases).toBeGreaterThan(240);
    expect(mean("of95")).toBeGreaterThanOrEqual(0.9);
    expect(mean("of95")).toBeLessThanOrEqual(0.99);
    for (const { coverage } of judged) expect(coverage?.of95).toBeGreaterThanOrEqual(0.85);
  });

  it("uses the naive one where that is as good", () => {
    // Without growth and noise there is nothing to learn.
    const flat = Array.from({ length: 200 }, (_, day) => [1, 2, 3, 4, 5, 6, 7][day % 7]);
    expect(chooseMethod(flat).chosen.method).toMatch(/^naive/);
  });

  it("takes the vendor's day from the data", () => {
    const [utc, pacific] = judged.map(({ table }) => table);
    expect([...(utc?.boundaries.keys() ?? [])]).toEqual(["00:00Z"]);
    expect([...(pacific?.boundaries.keys() ?? [])].sort()).toEqual(["07:00Z", "08:00Z"]);
    // Midnight in California is the same date.
    expect(pacific?.days.at(-1)).toBe("2026-11-29");
  });
});

describe("the cycle's forecast", () => {
  const table = tableOfHistory();
  const made = forecastCycle(table, withAccount({ tier: "small" }), { now: NOW });

  it("leaves the last days out, and forecasts to the end of the billing cycle", () => {
    expect(made).toMatchObject({
      cycle: { from: "2026-11-01", to: "2026-12-01" },
      method: "damped-trend",
      incomplete: false,
    });
    // Today is not over, and yesterday's charges are still filled up.
    expect(["2026-11-27", "2026-11-26"]).toContain(made?.asOf);
    expect(made?.days.at(-1)).toMatchObject({ day: "2026-11-30", known: false });
  });

  it("keeps fixed, tier and metered apart: neither the tier's change nor the day of subscription breaks it", () => {
    expect(made?.flat.map(({ service, expected }) => [service, expected])).toEqual([
      ["Pro Plan", 17.2],
      ["Flat Rate CDN", 17.2],
    ]);
    // Three days before the end little is open.
    const total = made?.total;
    expect((total?.high95 ?? 0) - (total?.low95 ?? 0)).toBeLessThan(0.15 * (total?.expected ?? 0));
    // In the cycle in which the tier changed, and on the day of subscription.
    for (const now of [Date.UTC(2026, 6, 10, 12), Date.UTC(2026, 10, 3, 12)]) {
      const then = tableOfHistory({
        now,
        months: 14,
        flatRateMonthsAgo: now < NOW - 30 * 86_400_000 ? 0 : 4,
        spike: null,
      });
      const early = forecastCycle(then, withAccount({ tier: "small" }), { now });
      const end = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth() + 1, 4);
      const later = tableOfHistory({
        now: end,
        months: 15,
        flatRateMonthsAgo: now < NOW - 30 * 86_400_000 ? 1 : 5,
        spike: null,
      });
      const { from, to } = early?.cycle ?? { from: "", to: "" };
      const flat = early?.flat.reduce((sum, { expected }) => sum + expected, 0) ?? 0;
      expect(flat).toBeCloseTo(34.4, 6);
      const metered = later.days
        .filter((day) => day >= from && day < to)
        .reduce((sum, day) => sum + (later.sumOf(day, ({ part }) => part === "metered") ?? 0), 0);
      // The two histories begin on different days, so their levels differ by a few percent.
      expect(Math.abs((early?.metered.expected ?? 0) / metered - 1)).toBeLessThan(0.25);
    }
  });

  it("says how likely limits and tiers are passed", () => {
    expect(made?.limits.map(({ name }) => name)).toEqual(["approval", "target"]);
    expect(made?.limits[0]?.chance).toBeGreaterThan(0.99);
    expect(made?.tiers.map(({ tier }) => tier)).toEqual(["included", "small", "medium", "large"]);
    const chances = made?.tiers.map(({ chance }) => chance) ?? [];
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
  });

  it("is the same for the same history", () => {
    expect(forecastCycle(table, withAccount({ tier: "small" }), { now: NOW })).toEqual(made);
  });

  it("is refused below 14 complete days", () => {
    const short = tableOfHistory({ months: 0.4 });
    expect(completeDays(short, NOW).length).toBeLessThan(14);
    expect(forecastCycle(short, PRICES, { now: NOW })).toBeUndefined();
  });

  it("knows cycles that begin in the middle of a month", () => {
    expect(cycleOf("2026-11-14", 15)).toEqual({ from: "2026-10-15", to: "2026-11-15" });
    expect(cycleOf("2026-11-15", 15)).toEqual({ from: "2026-11-15", to: "2026-12-15" });
    expect(cycleOf("2026-01-02", 10)).toEqual({ from: "2025-12-10", to: "2026-01-10" });
  });
});

describe("spikes", () => {
  it.each(["utc", "pacific"] as const)(
    "the planted one is found on its day, with its project, product and release (%s)",
    (boundary) => {
      const options = history({ boundary });
      const planted = spikeOf(options);
      const runs = ["2026-11-18T10:00:00Z", "2026-11-20T03:00:00Z", "2026-11-25T10:00:00Z"].map((at, n) => ({
        run: `run-${n}`,
        at,
        operation: "up",
      }));
      const found = findSpikes(tableOfHistory({ boundary }), PRICES, { now: NOW, runs });
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ day: planted.day, after: { run: "run-1" } });
      expect(found[0]?.causes[0]).toMatchObject({ project: planted.project, product: planted.service, region: "fra1" });
      expect(found[0]?.above).toBeGreaterThan(25);
    },
  );

  it("raises at most one false alarm in 20 histories without one", () => {
    let alarms = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      // Dear enough that chance alone often passes ten euros.
      const table = tableOfHistory({
        seed: seed * 101,
        spike: null,
        months: 4,
        dollarsPerDay: 60,
        flatRateMonthsAgo: 2,
      });
      alarms += findSpikes(table, PRICES, { now: NOW, days: 60 }).length;
    }
    console.log(`false alarms in 20 histories of 60 days: ${alarms}`);
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it("is none: a site's first day, however dear", () => {
    const table = tableOfHistory({ spike: null });
    const day = "2026-11-20";
    const row = (project: string, cost: number, of = day) =>
      JSON.stringify({
        BilledCost: cost,
        BillingCurrency: "USD",
        ChargeCategory: "Usage",
        ChargePeriodStart: `${of}T00:00:00Z`,
        ChargePeriodEnd: new Date(Date.parse(`${of}T00:00:00Z`) + 86_400_000).toISOString(),
        ConsumedUnit: "GB",
        ConsumedQuantity: 1,
        PricingUnit: "GB",
        PricingQuantity: 1,
        ServiceName: "Fast Data Transfer",
        Tags: { ProjectId: project, ProjectName: project },
      });
    table.read(row("prj_new", 50));
    expect(findSpikes(table, PRICES, { now: NOW })).toEqual([]);
    table.read(row("prj_new", 130, "2026-11-22"));
    expect(findSpikes(table, PRICES, { now: NOW }).map(({ day: found }) => found)).toEqual(["2026-11-22"]);
  });
});
