import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growthChecks } from "../../../bench/cases/b-checks.ts";
import { memory } from "../../../bench/cases/e-memory.ts";
import { checksOf } from "../../../bench/cases/f-rollback.ts";
import { healthChecks } from "../../../bench/cases/g-health.ts";
import { messageChecks } from "../../../bench/cases/i-messages.ts";
import { fleetChecks } from "../../../bench/cases/l-fleet.ts";
import { growthPower, isMet, ratio } from "../../../bench/measure/ratios.ts";
import type { Check, PartResult, Row } from "../../../bench/types.ts";

// What breaks when these fail: a target counts as met that is not, or a figure in the documentation is wrong.

const check = (value: number, target?: Check["target"]): Check => ({
  claim: "claim",
  value,
  unit: "x",
  ...(target ? { target } : {}),
});

/** A row of which only what a test is about is given. */
function row(given: Partial<Row> & { wall?: number; cpu?: number; peak?: number }): Row {
  const { wall = 1, cpu = 1, peak = 2 ** 20, ...rest } = given;
  const cost = { wall, cpu, providers: 0, vendors: 0, peak, providersResident: 0, processes: 1, foreign: 0 };
  return { variant: "cells", operation: "first up", sites: 300, stacks: 1, cost, ...rest };
}

describe("targets", () => {
  it("are met at their very value and missed beyond it", () => {
    expect(isMet(check(6, { is: "at least", value: 6 }))).toBe(true);
    expect(isMet(check(5.99, { is: "at least", value: 6 }))).toBe(false);
    expect(isMet(check(3.7, { is: "at most", value: 3.7 }))).toBe(true);
    expect(isMet(check(3.71, { is: "at most", value: 3.7 }))).toBe(false);
    expect(isMet(check(1, { is: "exactly", value: 0 }))).toBe(false);
    expect(isMet(check(1))).toBeUndefined();
  });
});

describe("ratio", () => {
  it("is refused where it would be infinite or no number", () => {
    expect(ratio(10, 4)).toBe(2.5);
    for (const [above, below] of [
      [1, 0],
      [Number.NaN, 1],
      [1, Number.NaN],
    ] as const) {
      expect(() => ratio(above, below)).toThrow(RangeError);
    }
  });
});

describe("growth", () => {
  it("finds the power of any power law", () => {
    const power = fc.double({ min: 0, max: 3, noNaN: true });
    const factor = fc.double({ min: 0.1, max: 100, noNaN: true });
    fc.assert(
      fc.property(power, factor, (exponent, times) => {
        const points = [300, 1500, 5000].map((size) => ({ size, cost: times * size ** exponent }));
        expect(growthPower(points)).toBeCloseTo(exponent, 1);
      }),
    );
  });

  it("is unknown from one size, or from a cost of nothing", () => {
    expect(growthPower([{ size: 300, cost: 1 }])).toBeUndefined();
    expect(
      growthPower([
        { size: 300, cost: 0 },
        { size: 1500, cost: 1 },
      ]),
    ).toBeUndefined();
  });

  it("is held to its targets at the sizes they were set for, and at no others", () => {
    const rows = [1500, 5000].flatMap((sites) => [
      row({ sites, operation: "first up", wall: sites / 10, cpu: sites / 10 }),
      row({ sites, operation: "no-op up", wall: 2, writes: 0 }),
      row({ sites, operation: "preview, 3 sites changed", wall: sites === 1500 ? 4 : 6 }),
    ]);
    const found = (all: Check[], words: string) => all.find(({ claim }) => claim.includes(words));
    const full = growthChecks(rows, [1500, 5000]);
    expect(found(full, "first up: 5000 sites against 1500, wall")).toMatchObject({
      value: 3.33,
      target: { value: 3.7 },
    });
    const slow = found(full, "preview, 3 sites changed: 5000");
    expect(slow).toMatchObject({ value: 1.5, target: { is: "at most", value: 1.3 } });
    expect(slow && isMet(slow)).toBe(false);
    expect(found(full, "no-op up, 1500 sites")).toMatchObject({ value: 2, target: { value: 5 } });
    const other = growthChecks(
      rows.map((one) => ({ ...one, sites: one.sites / 100 })),
      [15, 50],
    );
    expect(other.filter(({ target, unit }) => target !== undefined && unit !== "calls")).toEqual([]);
  });
});

describe("memory", () => {
  it("compares what the other parts have, and says nothing of what they have not", () => {
    expect(memory({}).checks).toEqual([]);
    const rows = [row({ variant: "one stack", peak: 3 * 2 ** 20 }), row({ variant: "13 cells", peak: 2 * 2 ** 20 })];
    const a = { rows } as unknown as PartResult;
    expect(memory({ a }).checks).toEqual([expect.objectContaining({ value: 1.5 })]);
  });
});

describe("rollback and health", () => {
  const back = (sites: number, wall: number) =>
    row({ operation: "rollback", variant: `${sites} sites`, sites, wall, stacks: 2, reads: 2 * sites, writes: sites });
  const wrong = (checks: readonly Check[]) => checks.filter((one) => isMet(one) === false).map(({ claim }) => claim);
  const good = { promotions: 100, builds: 0, unhealthy: 0, differences: 0 };

  it("are held to their times at the sizes these were set for, and at no others", () => {
    expect(wrong(checksOf({ row: back(100, 29), ...good }))).toEqual([]);
    expect(wrong(checksOf({ row: back(100, 31), ...good }))).toEqual([expect.stringContaining("wall time")]);
    expect(wrong(checksOf({ row: back(1, 5.1), ...good, promotions: 1 }))).toHaveLength(1);
    expect(wrong(checksOf({ row: back(50, 900), ...good, promotions: 50 }))).toEqual([]);
    expect(wrong(healthChecks(row({ sites: 1500, wall: 21 }), 1500))).toHaveLength(1);
    expect(wrong(healthChecks(row({ sites: 40, wall: 21 }), 40))).toEqual([]);
  });

  it("miss a target for each build, other write, second promotion, difference or host that does not answer", () => {
    for (const bad of [{ builds: 1 }, { unhealthy: 1 }, { differences: 1 }])
      expect(wrong(checksOf({ row: back(100, 1), ...good, ...bad }))).toHaveLength(1);
    expect(wrong(checksOf({ row: back(100, 1), ...good, promotions: 101 }))).toHaveLength(2);
    expect(wrong(healthChecks(row({ sites: 40 }), 39))).toHaveLength(1);
  });
});

describe("a fleet in a bucket", () => {
  const measured = (sites: number, review: number, wall: number, requests: number, failed = 0) => ({
    directory: row({ sites, wall: 3 }),
    review: row({ sites, wall: review }),
    back: row({ sites: 100, stacks: 52, wall }),
    requests: { review: 30, back: requests },
    failed,
  });
  const missed = (found: Parameters<typeof fleetChecks>[0]) =>
    fleetChecks(found, 3, 40).filter((one) => isMet(one) === false).length;

  it("is held to its times at the size these were set for, and to its requests and its stacks at any", () => {
    expect(missed(measured(1500, 5, 30, 52 * 25))).toBe(0);
    expect(missed(measured(1500, 5.1, 31, 52 * 26, 1))).toBe(4);
    expect(missed(measured(40, 9, 90, 52 * 25))).toBe(0);
  });
});

describe("receivers of messages that are down", () => {
  it("are held against the run without receivers, each by itself", () => {
    const of = (variant: string, wall: number) => row({ variant, operation: "up", wall });
    const checks = messageChecks([of("no receivers", 10), of("hang", 10.5), of("500", 10.6)]);
    expect(checks.map((one) => [one.value, isMet(one)])).toEqual([
      [1.05, true],
      [1.06, false],
    ]);
  });
});
