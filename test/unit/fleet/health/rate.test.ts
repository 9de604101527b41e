import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resultOf, verdictOf } from "../../../../checks/judge/verdict.ts";
import { ASPECTS, type Aspect, type Finding, type HealthResult } from "../../../../checks/types.ts";
import { failureRate, slowdown } from "../../../../fleet/health/index.ts";

function result(id: string, findings: readonly Finding[], ms?: number, usual?: number): HealthResult {
  return resultOf({ id, kind: "site", host: id, url: `https://${id}/` }, [
    {
      vantage: "here",
      verdict: verdictOf(findings),
      findings,
      tries: 1,
      evidence: [],
      ...(ms === undefined ? {} : { milliseconds: ms }),
      ...(usual === undefined ? {} : { baselineMs: usual }),
    },
  ]);
}
const finding = (about: Aspect, verdict: Finding["verdict"]): Finding => ({ about, verdict, text: about });
const pass = (id: string) => result(id, [finding("status", "pass")]);
const fail = (id: string, about: Aspect = "status") => result(id, [finding(about, "fail")]);
const doubt = (id: string) => result(id, [finding("protection", "inconclusive")]);

const anyResult = fc
  .array(
    fc.tuple(fc.constantFrom(...ASPECTS), fc.constantFrom<Finding["verdict"]>("pass", "fail", "inconclusive", "note")),
    {
      maxLength: 4,
    },
  )
  .map((parts) => parts.map(([about, verdict]) => finding(about, verdict)));
const anyResults = fc
  .array(anyResult, { maxLength: 30 })
  .map((all) => all.map((one, index) => result(`h${index}`, one)));

describe("the failure rate", () => {
  // Breaks when hosts that nobody could judge make a bad wave look better, or a good one worse.
  test("is of those that say something", () => {
    expect(failureRate([fail("a"), pass("b"), doubt("c"), doubt("d")])).toEqual({
      failed: 1,
      failedBefore: 0,
      ids: ["a"],
      judged: 2,
      inconclusive: 2,
      rate: 0.5,
    });
    expect(failureRate([doubt("a")]).rate).toBe(0);
    expect(failureRate([]).rate).toBe(0);
  });

  // Breaks when a certificate that is about to end rolls releases back.
  test("counts what a release can be to blame for, unless told otherwise", () => {
    expect(failureRate([fail("a", "certificate"), fail("b", "connection")]).failed).toBe(0);
    expect(failureRate([fail("a", "marker"), fail("b", "time"), fail("c", "answer")]).failed).toBe(3);
    expect(failureRate([fail("a", "certificate")], { aspects: new Set(["certificate"]) }).failed).toBe(1);
  });

  test("does not count what failed before in the same way", () => {
    const before = [fail("a"), fail("b", "marker"), pass("c")];
    expect(failureRate([fail("a"), fail("b"), fail("c")], { before }).ids).toEqual(["b", "c"]);
  });

  test("lies between 0 and 1, adds up, and does not depend on the order", () => {
    fc.assert(
      fc.property(anyResults, anyResults, (results, before) => {
        const rate = failureRate(results, { before });
        expect(rate.judged + rate.inconclusive).toBe(results.length);
        expect(rate.failed).toBeLessThanOrEqual(rate.judged);
        expect(rate.rate).toBeGreaterThanOrEqual(0);
        expect(rate.rate).toBeLessThanOrEqual(1);
        expect(failureRate([...results].reverse(), { before }).rate).toBe(rate.rate);
        expect(failureRate(results).failed).toBeGreaterThanOrEqual(rate.failed);
        // Against itself nothing is new.
        expect(failureRate(results, { before: results }).failed).toBe(0);
      }),
    );
  });

  test("one more failure never lowers it, one more pass never raises it", () => {
    fc.assert(
      fc.property(anyResults, (results) => {
        const { rate } = failureRate(results);
        expect(failureRate([...results, fail("more")]).rate).toBeGreaterThanOrEqual(rate);
        expect(failureRate([...results, pass("more")]).rate).toBeLessThanOrEqual(rate);
      }),
    );
  });
});

describe("the slowdown", () => {
  const timed = (ms: number, usual: number) => result("a", [finding("status", "pass")], ms, usual);
  const pairs = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 })), {
    minLength: 1,
  });

  test("is the median change, so that one host says little", () => {
    expect(slowdown([timed(130, 100), timed(130, 100), timed(9_000, 100)]).percent).toBeCloseTo(30);
    expect(slowdown([timed(50, 100)]).percent).toBeCloseTo(-50);
    expect(slowdown([pass("a")])).toEqual({ compared: 0, percent: 0 });
    expect(slowdown([])).toEqual({ compared: 0, percent: 0 });
  });

  test("all answers k times slower: k times the ratio; the order does not matter; never below -100 %", () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 20 }), (values, factor) => {
        const one = slowdown(values.map(([ms, usual]) => timed(ms, usual)));
        const more = slowdown(values.map(([ms, usual]) => timed(ms * factor, usual)));
        expect(one.compared).toBe(values.length);
        expect(one.percent).toBeGreaterThan(-100);
        expect((more.percent + 100) / (one.percent + 100)).toBeCloseTo(factor, 6);
        expect(slowdown([...values].reverse().map(([ms, usual]) => timed(ms, usual))).percent).toBeCloseTo(
          one.percent,
          9,
        );
      }),
    );
  });
});
