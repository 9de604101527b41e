import { expect, it } from "vitest";
import { inEnvironment } from "../../../environment/index.ts";
import { type Catalog, loadCatalog } from "../../../model/index.ts";
import { costFigure } from "../../../operations/fleet/gate-cost.ts";
import { observationsOf } from "../../../operations/kit/record.ts";
import { tempDir } from "../plesk/support/temp.ts";

// What breaks when these fail: a month above the limit is not asked about, an unknown one is taken for none, or a spike is told to no one.

const catalog = loadCatalog("catalog");
const prices = catalog.prices as NonNullable<Catalog["prices"]>;
const AT = Date.parse("2026-11-20T12:00:00Z");

/** The figure of a catalog, with these gates. */
function figureOf(change: Partial<Catalog>, cost: { source?: string; eurosPerMonth?: number } = { source: "prices" }) {
  const gates = { rules: { cost: { eurosPerMonth: 20, ...cost } } };
  const policy = { now: gates, before: undefined } as unknown as Parameters<typeof costFigure>[0];
  const env = { ...process.env, PULUMI_BACKEND_URL: `file://${tempDir("gate-cost-")}` };
  return inEnvironment(env, () => costFigure(policy, { ...catalog, ...change }, AT));
}

it("is asked only where prices are the source", async () => {
  expect(await figureOf({}, {})).toBeUndefined();
  expect(await figureOf({}, { source: "elsewhere" })).toBeUndefined();
});

it("is a figure above the limit, also where a part of it depends on use", async () => {
  const figure = await figureOf({});
  expect(figure).toEqual({ value: expect.any(Number) });
  expect((figure as { value: number }).value).toBeGreaterThan(20);
});

it("is not known below the limit while a part depends on use, and says on what", async () => {
  expect(await figureOf({}, { source: "prices", eurosPerMonth: 1_000_000 })).toEqual({
    unknown: expect.stringMatching(/^at least €\d+\.\d\d; the rest depends on use: .*cpu/),
  });
});

it("is not known without a price list, in another currency, and before any price holds", async () => {
  expect(await figureOf({ prices: undefined })).toEqual({ unknown: "there is no prices.yaml" });
  const dollars = { ...prices, account: { ...prices.account, currency: "USD" } };
  expect(await figureOf({ prices: dollars })).toEqual({ unknown: "the account is in USD" });
  const later = { ...prices, prices: prices.prices.map((price) => ({ ...price, effectiveFrom: "2030-01-01" })) };
  expect(await figureOf({ prices: later })).toEqual({ unknown: expect.stringContaining("2026-11-20") });
});

it("a spike of the last days is raised, an old one is over", () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const limits = { repeatMinutes: 60, failurePercent: 5, slowdownPercent: 30, costPerDay: 10 };
  const seen = (spikes: readonly { day: string; above: number }[]) =>
    observationsOf({ operation: "cost spikes", ok: true, choice: false, entries: [], document: { spikes } }, limits);
  expect(seen([{ day: day(2), above: 14.2 }])).toMatchObject([
    { rule: "cost-spike", firing: true, sentence: "€14.20 a day above what is usual; €10 may be" },
  ]);
  expect(seen([{ day: day(20), above: 14.2 }])).toMatchObject([{ rule: "cost-spike", firing: false }]);
  expect(seen([])).toMatchObject([{ rule: "cost-spike", firing: false }]);
});
