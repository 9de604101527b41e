import { describe, expect, it } from "vitest";
import type { Report } from "../../../fleet/health/index.ts";
import type { PlannedStack } from "../../../fleet/releases/rollback/index.ts";
import { perform } from "../../../operations/kit/operation.ts";
import { ROLLBACK_CONCURRENCY, runnersFor } from "../../../operations/rollback/input.ts";
import { lossLines, refuseImpossible, refuseLost } from "../../../operations/rollback/losses.ts";
import { agreedOf, changedSince, refuseChanged } from "../../../operations/rollback/plan.ts";
import { type RolledBack, rollback } from "../../../operations/rollback.ts";
import { rollbackList } from "../../../operations/rollback-list.ts";

// What breaks when these fail: a script reads a rollback that failed as done, or something else goes back than what a person
// has agreed to.

const CELL = "prod-cell-07";
const estate = { catalogDir: "/nowhere", configFile: "/nowhere/Pulumi.prod.yaml" };
const counts = { created: 0, changed: 1, replaced: 0, deleted: 0, unchanged: 4 };
const report = (verdict: Report["verdict"]): Report => ({
  verdict,
  counts: { pass: 0, fail: 0, inconclusive: 0, [verdict]: 1 },
  failing: {},
  failureRate: 0,
  slowdown: { compared: 0, percent: 0 },
  seconds: 1,
});
const wentBack = (ok: boolean, verdict?: Report["verdict"]): RolledBack => ({
  run: {
    run: "20261129T080000Z-000001",
    results: [
      {
        stack: CELL,
        ok,
        counts,
        steps: [],
        warnings: [],
        errors: ok ? [] : ["the vendor answers 500"],
        finished: true,
        milliseconds: 1200,
      },
    ],
    skipped: [],
    milliseconds: 1300,
    unopened: [],
    reasons: {},
  },
  aims: [{ stack: CELL, hosts: ["one.qmoney.de"], to: 3 }],
  losses: [{ stack: CELL, name: "two.qmoney.de", kind: "lost", reason: "its project is gone" }],
  left: [{ stack: "prod", reason: "no earlier version differs" }],
  rebuilt: ["one.qmoney.de"],
  ...(verdict ? { health: { results: [], report: report(verdict) } } : {}),
});

describe("the document of a rollback", () => {
  it("says what went back, what did not, and what the sites answer; it keeps to its schema", () => {
    const document = rollback.document(wentBack(true, "pass"));
    expect(document).toMatchObject({
      ok: true,
      total: { changed: 1 },
      to: [{ stack: CELL, version: 3 }],
      left: [{ stack: "prod" }],
      rebuilt: ["one.qmoney.de"],
      health: { verdict: "pass", results: [] },
    });
    expect(rollback.output.parse(document)).toEqual(document);
  });

  it("has no health where the sites were not asked", () => {
    expect(rollback.document(wentBack(true))).not.toHaveProperty("health");
  });

  it.each([
    ["everything went back", wentBack(true, "pass"), true, 0],
    ["nothing was asked", wentBack(true), true, 0],
    ["the sites say nothing", wentBack(true, "inconclusive"), true, 0],
    ["a site fails", wentBack(true, "fail"), false, 1],
    ["a stack failed", wentBack(false), false, 1],
  ])("and its exit code: %s", (_, value, ok, code) => {
    expect(rollback.document(value).ok).toBe(ok);
    expect(rollback.exitCode?.(value)).toBe(code);
  });
});

describe("what was agreed to", () => {
  const target = (stack: string, seen: number) => ({ stack, seen }) as PlannedStack;
  const agreed = agreedOf({
    aims: [{ stack: CELL, hosts: ["one.qmoney.de"], to: 3 }],
    targets: [target(CELL, 5)],
    left: [],
  });

  it("goes through the input's schema as it is", () => {
    expect(rollback.input.parse({ agreed }).agreed).toEqual(agreed);
  });

  it("still holds when no stack was updated since; else nothing is changed", () => {
    expect(changedSince(agreed, [target(CELL, 5)])).toEqual([]);
    expect(changedSince(agreed, [target(CELL, 6)])).toEqual([CELL]);
    expect(changedSince(agreed, [])).toEqual([CELL]);
    expect(() => refuseChanged([CELL])).toThrow(expect.objectContaining({ code: "rollback.changed", details: [CELL] }));
  });
});

describe("losses", () => {
  const losses = ["a", "b", "c", "d", "e", "f"].map((name) => ({
    stack: CELL,
    name,
    kind: "lost" as const,
    reason: "its project is gone",
  }));

  it("are told a line a reason, with the first names", () => {
    expect(lossLines(losses)).toEqual(["a, b, c, d, e and 1 more: its project is gone"]);
  });

  it("stop a rollback that has not accepted them, and always where it is not possible", () => {
    expect(() => refuseLost(losses)).toThrow(expect.objectContaining({ code: "rollback.loss" }));
    expect(() => refuseImpossible(losses)).not.toThrow();
    const [first] = losses;
    const refused = [{ ...first, kind: "refused" as const }] as Parameters<typeof refuseLost>[0];
    expect(() => refuseLost(refused)).not.toThrow();
    expect(() => refuseImpossible(refused)).toThrow(expect.objectContaining({ code: "rollback.refused" }));
  });
});

describe("the input", () => {
  it("is refused before anything is read, and all that is wrong is listed", async () => {
    const wrong = { to: 0, concurrency: 1.5, site: "one.qmoney.de" } as unknown as { to: number };
    await expect(perform(rollback, wrong, { estate })).rejects.toMatchObject({
      code: "usage",
      subject: "rollback",
      details: [
        expect.stringMatching(/^site: /),
        expect.stringMatching(/^to: /),
        expect.stringMatching(/^concurrency: /),
      ],
    });
    await expect(perform(rollbackList, { stack: [] }, { estate })).rejects.toMatchObject({ code: "usage" });
  });

  it("says how many runners are worth starting", () => {
    expect(runnersFor({ site: ["a", "b"] })).toBe(2);
    expect(runnersFor({ stack: ["a", "b", "c"], concurrency: 2 })).toBe(2);
    expect(runnersFor({ run: "r" })).toBe(ROLLBACK_CONCURRENCY);
  });
});
