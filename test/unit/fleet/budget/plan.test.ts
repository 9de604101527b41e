import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PlannedStack, type PlanOptions, planFleet } from "../../../../fleet/budget/plan.ts";
import { rate } from "./support.ts";

// What breaks: a plan that promises less time than the limits allow, a stack that no run does, or that two do.

const HOUR = 3600;
const specs = [
  rate("vercel.project-create", 100, HOUR * 1000),
  rate("vercel.deployment-create-5min", 120, 300_000),
  { ...rate("vercel.concurrent-builds", 36, null), turnoverMs: 720_000 },
  rate("letsencrypt.certificates", 50, 7 * 24 * HOUR * 1000),
];
const start = Date.UTC(2026, 10, 23, 2);
const options: PlanOptions = { specs, startsAt: start };
const stack = (n: number, projects: number, seconds = 10): PlannedStack => ({
  stack: `s${String(n).padStart(3, "0")}`,
  need: { "vercel.project-create": projects },
  seconds,
  changes: projects * 3,
});
const work = fc
  .array(fc.record({ projects: fc.integer({ min: 0, max: 140 }), seconds: fc.integer({ min: 1, max: 900 }) }), {
    maxLength: 25,
  })
  .map((list) => list.map(({ projects, seconds }, n) => stack(n, projects, seconds)));

describe("a plan", () => {
  it("takes as long as the limit that binds: 1500 projects at 100 an hour", () => {
    const cells = Array.from({ length: 60 }, (_, n) => stack(n, 25));
    const plan = planFleet(cells, options);
    const [line] = plan.limits;
    expect(line).toMatchObject({ key: "vercel.project-create", need: 1500, seconds: 15 * HOUR });
    // Four cells an hour: the first hundred need no waiting.
    expect(plan.seconds / HOUR).toBeGreaterThan(13.9);
    expect(plan.seconds / HOUR).toBeLessThan(15);
    expect(line?.binds?.from).toBeLessThan(start + 60_000);
    expect(plan.vendors).toEqual([{ vendor: "vercel", key: "vercel.project-create", seconds: 15 * HOUR }]);
  });

  it("never lasts shorter with one stack more, with less budget, or with fewer places", () => {
    fc.assert(
      fc.property(
        work,
        fc.integer({ min: 0, max: 140 }),
        fc.integer({ min: 20, max: 99 }),
        (list, projects, amount) => {
          const base = planFleet(list, options).seconds;
          expect(planFleet([...list, stack(99, projects)], options).seconds).toBeGreaterThanOrEqual(base);
          const fewer = specs.map((spec) => (spec.id === "vercel.project-create" ? { ...spec, amount } : spec));
          const small = list.filter(({ need }) => (need["vercel.project-create"] ?? 0) <= amount);
          expect(planFleet(small, { ...options, specs: fewer }).seconds).toBeGreaterThanOrEqual(
            planFleet(small, options).seconds,
          );
          expect(planFleet(list, { ...options, concurrency: 2 }).seconds).toBeGreaterThanOrEqual(base);
        },
      ),
    );
  });

  it("puts every stack into exactly one run or says why it is left, and keeps every window", () => {
    const limits = fc.record({
      jobLimitSeconds: fc.integer({ min: 600, max: 6 * HOUR }),
      until: fc.option(fc.integer({ min: 1, max: 20 * HOUR }), { nil: undefined }),
      daily: fc.boolean(),
    });
    fc.assert(
      fc.property(work, limits, (list, { jobLimitSeconds, until, daily }) => {
        const plan = planFleet(list, {
          ...options,
          jobLimitSeconds,
          marginSeconds: 60,
          ...(until === undefined ? {} : { until: start + until * 1000 }),
          ...(daily ? { window: { startsAt: start, seconds: 2 * HOUR, everySeconds: 24 * HOUR } } : {}),
        });
        const placed = [...plan.runs.flatMap(({ stacks }) => stacks), ...plan.left].map(({ stack }) => stack);
        expect(placed.sort()).toEqual(list.map(({ stack }) => stack).sort());
        const slots = plan.runs.flatMap(({ stacks }) => stacks);
        const needs = new Map(list.map(({ stack, need }) => [stack, need["vercel.project-create"] ?? 0]));
        for (const { startsAt } of slots) {
          const recent = slots.filter((other) => other.startsAt <= startsAt && other.endsAt > startsAt - HOUR * 1000);
          const sum = recent.reduce((total, { stack }) => total + Math.min(100, needs.get(stack) ?? 0), 0);
          expect(sum).toBeLessThanOrEqual(100);
        }
        for (const run of plan.runs) {
          const fits = run.endsAt - run.startsAt <= (jobLimitSeconds - 60) * 1000;
          expect(fits || run.stacks.length === 1).toBe(true);
        }
      }),
    );
  });

  it("leaves a stack that is longer than a job alone in its job", () => {
    const short = [0, 1, 2].map((n) => ({ ...stack(n, 0), seconds: 1, changes: 0 }));
    const plan = planFleet([...short, { ...stack(3, 1), seconds: 541 }], {
      ...options,
      jobLimitSeconds: 600,
      marginSeconds: 60,
    });
    expect(plan.runs.find(({ stacks }) => stacks.some(({ stack }) => stack === "s003"))?.stacks).toHaveLength(1);
  });

  it("spreads the certificates of a cname zone over weeks, and says so", () => {
    const certified = Array.from({ length: 5 }, (_, n) => ({
      ...stack(n, 20),
      need: { "letsencrypt.certificates:qmoney.de": 25 },
    }));
    const plan = planFleet(certified, options);
    expect(plan.seconds / (24 * HOUR)).toBeGreaterThan(14);
    expect(plan.runs.map(({ stacks, ended }) => [stacks.length, ended])).toEqual([
      [2, "budget"],
      [2, "budget"],
      [1, "done"],
    ]);
  });

  it("does the shared stack alone and first, urgent ones next", () => {
    const plan = planFleet(
      [stack(1, 90), { ...stack(2, 1), urgent: true }, { ...stack(3, 0), first: true, need: {} }],
      options,
    );
    const [shared, urgent, rest] = plan.runs[0]?.stacks ?? [];
    expect([shared?.stack, urgent?.stack, rest?.stack]).toEqual(["s003", "s002", "s001"]);
    expect(urgent?.startsAt).toBe(shared?.endsAt);
  });

  it("begins with what was used already", () => {
    const meters = {
      "vercel.project-create": { slots: [[Math.floor(start / 60_000) - 1, 100]] as [number, number][] },
    };
    const ledger = { meters, holds: {}, wants: {}, flights: {}, drawn: {} };
    const plan = planFleet([stack(1, 1)], { ...options, ledger });
    expect(plan.seconds).toBeGreaterThan(58 * 60);
    expect(plan.limits[0]?.binds?.seconds).toBeGreaterThan(58 * 60);
  });

  it("of nothing is nothing", () => {
    expect(planFleet([], options)).toMatchObject({ seconds: 0, runs: [], left: [], limits: [] });
  });
});
