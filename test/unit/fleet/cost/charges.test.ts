import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import { dayOf } from "../../../../fleet/cost/charges/day.ts";
import { keepCharges, keptDays, readKept } from "../../../../fleet/cost/charges/keep.ts";
import { linesOf } from "../../../../fleet/cost/charges/lines.ts";
import { tableOf } from "../../../../fleet/cost/charges/table.ts";
import type { Prices } from "../../../../model/index.ts";
import { PRICES } from "./support.ts";

// Breaks when charges are read wrongly, one that is not understood is counted for nothing in silence, or memory grows with their number.

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 8, 1);
const row = (n: number, more: Record<string, unknown> = {}) => ({
  BilledCost: 1,
  BillingCurrency: "USD",
  ChargeCategory: "Usage",
  ChargePeriodStart: new Date(FIRST + n * DAY).toISOString(),
  ChargePeriodEnd: new Date(FIRST + (n + 1) * DAY).toISOString(),
  ConsumedQuantity: 10,
  ConsumedUnit: "GB",
  PricingQuantity: 10,
  PricingUnit: "GB",
  ServiceName: "Fast Data Transfer",
  Tags: { ProjectId: "prj_1", ProjectName: "shop" },
  ...more,
});
async function* chunks(rows: Iterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  for (const one of rows) {
    text += typeof one === "string" ? `${one}\n` : `${JSON.stringify(one)}\n`;
    if (text.length < 60_000) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}
const store = () => {
  const dir = mkdtempSync(join(tmpdir(), "charges-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return directoryStore(dir);
};

it("cuts a stream into the same lines, wherever its chunks end (property)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-zäö€]{1,12}$/), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 9 })),
      async (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
        async function* parts() {
          let at = 0;
          for (const cut of cuts) {
            yield bytes.slice(at, at + cut);
            at += cut;
          }
          yield bytes.slice(at);
        }
        const found: string[] = [];
        for await (const batch of linesOf(parts())) found.push(...batch);
        expect(found).toEqual(lines);
      },
    ),
    { numRuns: 50 },
  );
});

it("names a day by the date in which its middle lies", () => {
  const day = (start: string) => dayOf(Date.parse(start), Date.parse(start) + DAY).day;
  expect(
    ["2026-11-03T00:00:00Z", "2026-11-03T08:00:00Z", "2026-07-03T07:00:00Z", "2026-11-02T23:00:00Z"].map(day),
  ).toEqual(["2026-11-03", "2026-11-03", "2026-07-03", "2026-11-03"]);
  // A charge of a month counts on its first day.
  expect(dayOf(Date.parse("2026-11-01T00:00:00Z"), Date.parse("2026-12-01T00:00:00Z")).day).toBe("2026-11-01");
});

it("names the line whose currency or unit is not known, and reports the rest as incomplete", async () => {
  const rows = [
    row(0),
    row(0, { BillingCurrency: "XYZ" }),
    row(0, { PricingUnit: "furlongs" }),
    "no json",
    row(1, { BilledCost: "3" }),
    row(1),
  ];
  const table = await tableOf(chunks(rows), PRICES);
  expect(table.problems).toEqual([
    { line: 2, day: undefined, wrong: "BillingCurrency XYZ has no rate to EUR on 2026-09-01" },
    { line: 3, day: undefined, wrong: 'PricingUnit is not known: "furlongs"' },
    { line: 4, day: undefined, wrong: "the line is no JSON" },
    { line: 5, day: undefined, wrong: 'BilledCost is no number: "3"' },
  ]);
  expect(table).toMatchObject({ lines: 6, refused: 4 });
  expect(table.days.map((day) => table.sumOf(day, () => true))).toEqual([0.86, 0.86]);
});

it("tells fixed, tier, metered and credit apart by the price list, and what it does not name by its category", async () => {
  const rows = [
    row(0, { ServiceName: "Flat Rate CDN", ChargeCategory: "Purchase", PricingUnit: "Months" }),
    row(0, { ServiceName: "Pro Plan", ChargeCategory: "Purchase", PricingUnit: "Months", Tags: {} }),
    row(0, { ServiceName: "Something new" }),
    row(0, { ServiceName: "Something new", ChargeCategory: "Purchase" }),
    row(0, {
      ServiceName: "Fast Data Transfer",
      ChargeCategory: "Credit",
      BilledCost: -1,
      PricingUnit: null,
      ConsumedUnit: null,
    }),
    row(0, { ServiceName: "Fast Data Transfer", ChargeCategory: "Adjustment", BilledCost: -0.5 }),
  ];
  const table = await tableOf(chunks(rows), PRICES);
  expect(table.series.map(({ part, service }) => `${part} ${service}`)).toEqual([
    "stepwise Flat Rate CDN",
    "fixed Pro Plan",
    "metered Something new",
    "fixed Something new",
    "credit Fast Data Transfer",
    "metered Fast Data Transfer",
  ]);
});

it("applies a rate on its date", async () => {
  const prices: Prices = {
    ...PRICES,
    rates: [
      { from: "EUR", to: "USD", rate: 2, on: "2026-01-01", source: "a" },
      { from: "USD", to: "EUR", rate: 0.25, on: "2026-09-02", source: "b" },
    ],
  };
  const table = await tableOf(chunks([row(0), row(1)]), prices);
  expect(table.days.map((day) => table.sumOf(day, () => true))).toEqual([0.5, 0.25]);
});

describe("kept charges", () => {
  it("are the raw lines a day; a day that is sent again takes the place of the old one", async () => {
    const kept = store();
    expect(await keepCharges(chunks([row(0), "broken", row(1)]), kept)).toEqual({
      lines: 3,
      added: ["2026-09-01", "2026-09-02"],
      corrected: [],
    });
    expect((await kept.get("cost/charges/2026-09-01.jsonl"))?.text).toBe(`${JSON.stringify(row(0))}\nbroken\n`);
    const again = await keepCharges(chunks([row(0), "broken", row(1, { BilledCost: 3 }), row(2)]), kept);
    expect(again).toMatchObject({ added: ["2026-09-03"], corrected: ["2026-09-02"] });
    const table = await readKept(kept, PRICES);
    expect(table.days.map((day) => table.sumOf(day, () => true))).toEqual([0.86, 0.86 * 3, 0.86]);
    expect(table.problems).toEqual([{ line: 2, day: "2026-09-01", wrong: "the line is no JSON" }]);
  });

  it("of a day whose lines do not stand together are kept whole, and never mixed with another fetch's", async () => {
    const kept = store();
    const key = "cost/charges/2026-09-01.jsonl";
    const rows = [row(0), row(1), row(0, { BilledCost: 2 })];
    await keepCharges(chunks(rows), kept);
    expect((await kept.get(key))?.text.split("\n")).toHaveLength(3);
    async function* slow() {
      const [first = {}, ...rest] = rows;
      yield* chunks([first, row(1)]);
      yield* chunks([row(2)]);
      await kept.put(key, "another's\n");
      yield* chunks(rest.slice(1));
    }
    await expect(keepCharges(slow(), kept)).rejects.toMatchObject({ code: "cost.charges" });
    expect((await kept.get(key))?.text).toBe("another's\n");
  });

  it("are read by a rule that has changed since", async () => {
    const kept = store();
    await keepCharges(chunks([row(0, { ServiceName: "Edge Widgets" })]), kept);
    expect((await readKept(kept, PRICES)).series[0]?.part).toBe("metered");
    const renamed = PRICES.prices.map((price) =>
      price.id === "vercel.platform" ? { ...price, services: ["Edge Widgets"] } : price,
    );
    expect((await readKept(kept, { ...PRICES, prices: renamed })).series[0]?.part).toBe("fixed");
  });

  it("hold one day in memory: a day is written before the day after the next is asked for", async () => {
    const kept = store();
    let asked = 0;
    const behind: number[] = [];
    async function* source() {
      for (let n = 0; n < 5; n += 1) {
        asked = n;
        yield new TextEncoder().encode(`${JSON.stringify(row(n))}\n`);
        behind.push(asked + 1 - (await keptDays(kept)).length);
      }
    }
    await keepCharges(source(), kept);
    expect(Math.max(...behind)).toBe(1);
    expect(await keptDays(kept)).toHaveLength(5);
  });
});

it("grows with days and series, and not with the number of lines: 50,000 lines", async () => {
  const made = function* (lines: number) {
    for (let n = 0; n < lines; n += 1)
      yield row(n % 10, { Tags: { ProjectId: `prj_${n % 50}`, ProjectName: `p${n % 50}` } });
  };
  const [few, many] = [await tableOf(chunks(made(500)), PRICES), await tableOf(chunks(made(50_000)), PRICES)];
  expect(many.lines).toBe(50_000);
  expect([many.series.length, many.days.length, many.names.size]).toEqual([
    few.series.length,
    few.days.length,
    few.names.size,
  ]);
  expect(many.sumOf("2026-09-01", () => true)).toBeCloseTo(5000 * 0.86, 6);
});
