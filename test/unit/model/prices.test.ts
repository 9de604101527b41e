import { describe, expect, it } from "vitest";
import { check } from "./fixture.ts";

// Breaks when a wrong price is taken for a right one, or one mistake hides the next.

const price = (more: string, kind = "metered") =>
  `  - { kind: ${kind}, id: vercel.requests, vendor: vercel, what: Requests, effectiveFrom: 2026-01-01, source: here, checked: 2026-01, confidence: H, ${more} }\n`;
const METERED = "driver: requests, amount: 2, unit: requests";
const RATES = "rates: [{ from: USD, to: EUR, rate: 0.9, on: 2026-01-01, source: bank }]\n";
const linesOf = (text: string | null) => check({ "prices.yaml": text }).lines;

it("has defaults, and no prices without the file", () => {
  const { catalog } = check({ "prices.yaml": `${RATES}prices:\n${price(METERED)}` });
  expect(catalog?.prices?.budget).toEqual({ approval: 20, spike: 10, target: 25 });
  expect(catalog?.prices?.prices[0]).toMatchObject({ kind: "metered", quantity: 1, included: 0, currency: "USD" });
  expect(check({}).catalog?.prices).toBeUndefined();
});

it("takes two sources that disagree when both are marked", () => {
  const two = (confidence: string) =>
    price(METERED).replace("confidence: H", confidence) +
    price(METERED).replace(
      "source: here, checked: 2026-01, confidence: H",
      `source: there, checked: 2026-01, ${confidence}`,
    );
  expect(linesOf(`${RATES}prices:\n${two('confidence: "?"')}`)).toEqual([]);
  expect(linesOf(`${RATES}prices:\n${two("confidence: H")}`).join()).toContain(
    "prices.yaml:4: prices[1].id: vercel.requests stands a second time",
  );
});

describe("what is wrong is listed at once, each with file, line and field", () => {
  it("lists mistakes of shape and of rules together", () => {
    const lines = linesOf(
      `account: { extras: [none] }\n${RATES}prices:\n${price("driver: requests, amount: -1, unit: requests")}${price(METERED)}${price("driver: wind, amount: 1, unit: x")}${price(`${METERED}, currency: XXX, region: fra1`)}`,
    );
    expect(lines).toEqual([
      expect.stringContaining("prices.yaml:4: prices[0].amount: -1 is too small"),
      expect.stringContaining("prices.yaml:6: prices[2].driver: "),
      expect.stringContaining("prices.yaml:7: prices[3].currency: XXX has no rate to EUR"),
    ]);
  });

  it.each([
    ["account: { tier: huge }\n", "prices.yaml:1: account.tier: "],
    ["rates: [{ from: CHF, to: EUR, rate: 1, on: 2026-02-30, source: x }]\n", "prices.yaml:1: rates[0].on: "],
    ["account: { cdn: flat }\n", "prices.yaml:1: account.cdn: "],
    ["account: { extras: [speed] }\n", "prices.yaml:1: account.extras[0]: "],
    ["account: { cycleDay: 31 }\n", "prices.yaml:1: account.cycleDay: 31 is too large"],
  ])("%s", (text, part) => {
    expect(linesOf(`${text}${RATES}prices:\n${price(METERED)}`).join("\n")).toContain(part);
  });
});
