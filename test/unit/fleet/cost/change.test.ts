import { describe, expect, it } from "vitest";
import { renderHtml, renderMarkdown, renderTerminal } from "../../../../fleet/change-set/index.ts";
import type { ChangeSet } from "../../../../fleet/change-set/shape.ts";
import { costOfChanges } from "../../../../fleet/cost/change.ts";
import { costGates } from "../../../../fleet/cost/gates.ts";
import { HOSTING } from "../../../../vendors/index.ts";
import { PRICES, withAccount } from "./support.ts";

// Breaks when a review does not say what its releases cost, or says another sum.

const ON = "2026-11-29";
const change = (n: number, op: string, role: "release" | "project", path = "ref"): ChangeSet["changes"][number] => ({
  group: "release",
  stack: `prod-cell-${n % 64}`,
  op,
  type: HOSTING.type(role),
  name: `site-${n}.example.org`,
  urn: `urn:${n}`,
  diffs: [{ path, kind: "update" }],
});
const releases = Array.from({ length: 1041 }, (_, n) => change(n, "update", "release"));

it("prices 1041 releases to the cent", () => {
  const cost = costOfChanges(releases, PRICES, ON);
  // By hand: 1041 builds x 2 min x 4 CPUs x $0.0035 = $29.148.
  expect(cost).toMatchObject({ builds: 1041, currency: "USD", dependsOn: [], monthly: { projects: 0, amount: 0 } });
  expect(Math.round((cost.amount ?? 0) * 100)).toBe(2915);
  expect(cost.inAccount?.amount).toBeCloseTo(29.148 * 0.86, 9);
  expect(cost.sentences).toEqual([
    "this release builds 1041 projects: about $29.15 at 2 min x 4 CPUs a build, $0.0035 a CPU-minute",
  ]);
});

it("counts what is built, and nothing else", () => {
  const others = [
    change(1, "delete", "release"),
    change(2, "update", "release", "domains"),
    change(3, "update", "project"),
  ];
  expect(costOfChanges(others, PRICES, ON)).toMatchObject({ builds: 0, amount: 0, sentences: [] });
});

it("says what new projects add a month, and what depends on use", () => {
  const cost = costOfChanges(
    [change(1, "create", "project"), change(2, "create", "project")],
    withAccount({ extras: ["speed-insights"] }),
    ON,
  );
  expect(cost.monthly.amount).toBeCloseTo(2 * 10 * 0.86, 9);
  expect(cost.sentences[0]).toContain(
    "2 more projects: €17.20 a month, the rest depends on use (requests, transfer, cpu",
  );
});

it("never takes a price that is missing for nothing", () => {
  const none = { ...PRICES, prices: PRICES.prices.filter(({ id }) => id !== "vercel.build") };
  expect(costOfChanges(releases, none, ON)).toMatchObject({ amount: undefined, dependsOn: ["builds"] });
});

describe("the change set shows it", () => {
  const figures = { created: 0, changed: 0, replaced: 0, deleted: 0, unchanged: 0 };
  const set: ChangeSet = {
    version: 1,
    digest: "0".repeat(64),
    createdAt: "2026-11-29T00:00:00Z",
    complete: true,
    total: figures,
    stacks: [],
    types: [],
    groups: [],
    changes: [],
    warnings: [],
    errors: [],
    unopened: [],
    cost: costOfChanges(releases, PRICES, ON),
  };
  const plain = (text: string) => text;
  const colours = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, magenta: plain };
  it.each([
    ["terminal", renderTerminal(set, { colours })],
    ["Markdown", renderMarkdown(set)],
    ["HTML", renderHtml(set)],
  ])("in %s", (_, text) => {
    expect(text).toContain("this release builds 1041 projects: about $29.15");
  });
});

describe("gates", () => {
  it("ask above the limit, not at it, and count what a change adds", () => {
    const answers = (monthly: number, added = 0) => costGates({ monthly, added }, PRICES).map(({ answer }) => answer);
    expect(answers(20)).toEqual(["pass", "pass"]);
    expect(answers(20.01)).toEqual(["ask", "pass"]);
    expect(answers(15, 5.5)).toEqual(["ask", "pass"]);
  });

  it("escalate a spike, and name where it was", () => {
    const [, spike] = costGates({ monthly: 0, spike: 12.5, spikeAt: "shop, Edge Requests" }, PRICES);
    expect(spike).toMatchObject({
      answer: "escalate",
      reason: "€12.50 above the expected day (shop, Edge Requests); more than €10.00 escalates",
    });
  });
});
