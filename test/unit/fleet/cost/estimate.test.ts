import { describe, expect, it } from "vitest";
import { estimate } from "../../../../fleet/cost/estimate.ts";
import { groupEstimate } from "../../../../fleet/cost/groups.ts";
import { projectsOf } from "../../../../fleet/cost/projects.ts";
import { targetAnswer } from "../../../../fleet/cost/target.ts";
import { usageFrom } from "../../../../fleet/cost/usage.ts";
import type { Prices } from "../../../../model/index.ts";
import { CATALOG, PRICES, withAccount } from "./support.ts";

// Breaks when a report names another sum than a person reckons from the price list, or takes what is unknown for nothing.

const ON = "2026-11-29";
/** A month of each project: everything known. */
const USE = {
  builds: 4,
  requests: 10_000,
  transfer: 2,
  cpu: 0.05,
  memory: 0.2,
  invocations: 3000,
  reads: 5000,
  writes: 100,
};
const known = (prices: Prices) => ({ ...prices, usage: { own: USE, shared: USE } });
const projects = projectsOf(CATALOG);
const N = projects.length;
const amounts = (prices: Prices) =>
  Object.fromEntries(
    estimate(CATALOG, prices, { on: ON }).lines.map(({ price, part, amount }) => [`${price} ${part}`, amount]),
  );
const cents = (value: number | undefined) => Math.round((value ?? Number.NaN) * 100) / 100;

describe("1500 sites, line by line against a calculation by hand", () => {
  it("has the projects that the catalog declares", () => {
    expect(CATALOG.sites).toHaveLength(1500);
    expect(projects.filter(({ kind }) => kind === "own")).toHaveLength(
      CATALOG.sites.filter(({ project }) => project === "own").length,
    );
  });

  // Used by hand: builds N x 4 x 2 min x 4 CPUs; CPU at fra1's own price; 1 GB = 1 unit.
  const metered = {
    "vercel.build metered": N * 4 * 8 * 0.0035,
    "vercel.cpu metered": N * 0.05 * 0.184,
    "vercel.memory metered": N * 0.2 * 0.009,
    "vercel.invocations metered": ((N * 3000) / 1e6) * 0.6,
    "vercel.isr-reads metered": ((N * 5000) / 1e6) * 0.4,
    "vercel.isr-writes metered": ((N * 100) / 1e6) * 4,
  };
  const fixed = { "vercel.platform fixed": 20, "cloudflare.zone fixed": 0 };

  it("with a CDN on demand", () => {
    const found = amounts(known(withAccount({ cdn: "on-demand" })));
    const cdn = {
      // The two sources disagree: 1M included is the dearer one.
      "vercel.requests metered": (Math.max(0, N * 10_000 - 1_000_000) / 1e6) * 2,
      "vercel.transfer metered": Math.max(0, N * 2 - 1000) * 0.15,
    };
    for (const [line, amount] of Object.entries({ ...metered, ...cdn, ...fixed }))
      expect(cents(found[line]), line).toBe(cents(amount));
    const sum = Object.values({ ...metered, ...cdn }).reduce((a, b) => a + b, 0);
    expect(cents(found["vercel.platform credit"])).toBe(-Math.min(20, cents(sum)));
    const { total, currency } = estimate(CATALOG, known(withAccount({ cdn: "on-demand" })), { on: ON });
    expect([cents(total), currency]).toEqual([cents((sum + 20 - Math.min(20, sum)) * 0.86), "EUR"]);
  });

  it("with a flat CDN: the tier in place of requests and transfer", () => {
    const prices = known(withAccount({ cdn: "flat", tier: "small" }));
    const found = amounts(prices);
    for (const [line, amount] of Object.entries({ ...metered, ...fixed, "vercel.flat-cdn stepwise": 20 }))
      expect(cents(found[line]), line).toBe(cents(amount));
    expect(Object.keys(found)).not.toContain("vercel.requests metered");
    const tier = estimate(CATALOG, prices, { on: ON }).lines.find(({ part }) => part === "stepwise");
    // N x 10,000 requests pass the ten million of the tier.
    expect(tier?.note).toBe(N * 10_000 > 10_000_000 ? "the next cycle needs the tier medium: 100" : undefined);
  });

  it("flags two sources that disagree", () => {
    const line = estimate(CATALOG, known(withAccount({ cdn: "on-demand" })), { on: ON }).lines.find(
      ({ price }) => price === "vercel.requests",
    );
    expect(line?.disputed).toHaveLength(2);
  });
});

it("says that unknown use is unknown, with its drivers, and never 0", () => {
  const found = estimate(CATALOG, withAccount({ cdn: "on-demand" }), { on: ON });
  const cpu = found.lines.find(({ price }) => price === "vercel.cpu");
  expect(cpu).toMatchObject({ amount: undefined, quantity: undefined, unknown: N, driver: "cpu" });
  expect(found.dependsOn).toEqual(["requests", "transfer", "cpu", "memory", "invocations", "reads", "writes"]);
});

it("takes a project's own history first, then its kind's median, then the assumption, and says which", () => {
  const [first, second] = projects.filter(({ kind }) => kind === "own");
  const measured = new Map([
    [first?.name ?? "", { cpu: 10 }],
    [second?.name ?? "", { cpu: 2 }],
  ]);
  const useOf = usageFrom(PRICES.usage, measured, projects);
  const cpu = estimate(CATALOG, PRICES, { on: ON, useOf }).lines.find(({ price }) => price === "vercel.cpu");
  const own = projects.filter(({ kind }) => kind === "own").length;
  expect(cpu?.quantity).toBe(12 + (own - 2) * 6);
  expect(cpu?.sources).toEqual({ measured: 2, "median of its kind": own - 2 });
  expect(cpu?.unknown).toBe(N - own);
});

it("applies a price on the day from which it holds, and the rate as well", () => {
  const later = PRICES.prices.flatMap((price) =>
    price.id === "vercel.build" && price.kind === "metered"
      ? [price, { ...price, amount: 0.007, effectiveFrom: "2026-12-01" }]
      : [price],
  );
  const prices: Prices = {
    ...PRICES,
    prices: later,
    rates: [...PRICES.rates, { from: "USD", to: "EUR", rate: 1, on: "2026-12-02", source: "x" }],
  };
  const build = (on: string) =>
    estimate(CATALOG, prices, { on }).lines.find(({ price }) => price === "vercel.build")?.amount;
  expect([build("2026-11-30"), build("2026-12-01")].map(cents)).toEqual([N * 0.028, N * 0.056].map(cents));
  const fixed = (on: string) => estimate({ sites: [], zones: [] }, prices, { on }).total;
  expect([cents(fixed("2026-12-01")), cents(fixed("2026-12-02"))]).toEqual([17.2, 20]);
});

it("names drivers that have no price at all", () => {
  const none = { ...PRICES, prices: PRICES.prices.filter(({ id }) => id !== "vercel.cpu" && id !== "vercel.build") };
  expect(estimate(CATALOG, none, { on: ON }).dependsOn).toEqual(expect.arrayContaining(["cpu", "builds"]));
});

it("never says 0 where no price holds", () => {
  expect(() => estimate(CATALOG, PRICES, { on: "2020-01-01" })).toThrow(
    expect.objectContaining({ code: "cost.prices" }),
  );
});

describe("groups", () => {
  const full = estimate(CATALOG, known(withAccount({ cdn: "on-demand" })), { on: ON });
  it.each(["team", "zone", "kind", "project"] as const)("by %s come to the total", (by) => {
    const groups = groupEstimate(full, by);
    expect(groups.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(full.total, 6);
  });

  it("split a shared project over zones by requests, and mark that as estimated", () => {
    const shared = projects.find(({ hosts }) => new Set(hosts.map(({ zone }) => zone)).size > 1);
    const only = { ...full, team: 0, projects: full.projects.filter(({ project }) => project.name === shared?.name) };
    const host = shared?.hosts[0];
    const groups = groupEstimate(only, "zone", new Map([[host?.host ?? "", 100]]));
    expect(groups[0]).toMatchObject({ name: host?.zone, estimated: true });
    expect(groups[0]?.amount).toBeCloseTo(only.projects[0]?.amount ?? 0, 9);
  });
});

it("says what 25 euros for 1500 sites would need, item by item", () => {
  const answer = targetAnswer(CATALOG, PRICES, { on: ON });
  expect(answer).toMatchObject({ budget: 25, sites: 1500, projects: N, possible: true });
  // 25 - 20 x 0.86; a build is 8 x 0.0035 x 0.86.
  expect(cents(answer.left)).toBe(7.8);
  expect(answer.needs[0]).toContain(`at most ${Math.floor((7.8 + 17.2) / (0.028 * 0.86))} builds a month`);
  expect(answer.needs[1]).toBe(
    "at most 1000000 requests (666 a site) and 1000 GB a month, so that the tier included is enough",
  );
  expect(answer.items.find(({ what }) => what.startsWith("Active CPU"))).toMatchObject({
    amount: undefined,
    note: "depends on use (cpu)",
  });
  expect(targetAnswer(CATALOG, PRICES, { on: ON, budget: 10 })).toMatchObject({ possible: false });
});
