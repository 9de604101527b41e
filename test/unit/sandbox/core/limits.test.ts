import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultConfigSchema, type LimitRule, limitRules } from "../../../../sandbox/core/index.ts";
import { createLimiter, type LimitVerdict } from "../../../../sandbox/core/limits.ts";
import type { Call } from "../../../../sandbox/core/match.ts";

// If these are wrong, a budget that is planned to the last call is tested against a sandbox with another idea of it.
const call = (path = "/v9/projects", caller = "a", method = "POST"): Call => {
  return { vendor: "vercel", method, path, caller, body: async () => "" };
};

function limiter(rule: object, timeScale = 1) {
  const limits = [{ id: "l", vendor: "vercel", amount: 3, per: 60, ...rule }];
  const rules = faultConfigSchema.parse({ limits }).limits as LimitRule[];
  let now = 1_000_000;
  const made = createLimiter(rules, timeScale, () => now);
  return {
    check: (c: Call = call()) => made.check(c) as LimitVerdict,
    passes: (c: Call = call()) => (made.check(c) as LimitVerdict).refused === undefined,
    wait: (ms: number) => (now += ms),
    counts: () => made.counts(),
    now: () => now,
  };
}

test("a window lets its amount through, refuses the rest, and starts anew", () => {
  const l = limiter({});
  expect([1, 2, 3, 4].map(() => l.passes())).toEqual([true, true, true, false]);
  expect(l.check().refused).toMatchObject({ remaining: 0, retryAt: 1_060_000 });
  l.wait(59_999);
  expect(l.passes()).toBe(false);
  l.wait(1);
  expect(l.check().tightest).toMatchObject({ remaining: 2 });
  expect(l.counts()).toEqual({ l: { passed: 4, refused: 3 } });
});

test("a bucket gives back one by one", () => {
  const l = limiter({ algorithm: "bucket" });
  for (const _ of [1, 2, 3]) expect(l.passes()).toBe(true);
  expect(l.check().refused?.retryAt).toBe(l.now() + 20_000);
  l.wait(20_000);
  expect([l.passes(), l.passes()]).toEqual([true, false]);
});

test("a block refuses everything for its time, however little is asked meanwhile", () => {
  const l = limiter({ block: 300 });
  for (const _ of [1, 2, 3, 4]) l.passes();
  l.wait(61_000);
  expect(l.passes()).toBe(false);
  l.wait(238_999);
  expect(l.passes()).toBe(false);
  l.wait(1);
  expect(l.passes()).toBe(true);
});

test("scopes: each credential, everybody together, each captured part of the path", () => {
  const byToken = limiter({ amount: 1 });
  expect([byToken.passes(call("/x", "a")), byToken.passes(call("/x", "b"))]).toEqual([true, true]);
  const all = limiter({ amount: 1, scope: "all" });
  expect([all.passes(call("/x", "a")), all.passes(call("/x", "b"))]).toEqual([true, false]);
  const zone = limiter({ amount: 1, scope: "capture", path: "^/zones/([^/]+)" });
  expect([zone.passes(call("/zones/1")), zone.passes(call("/zones/2")), zone.passes(call("/zones/1"))]).toEqual([
    true,
    true,
    false,
  ]);
  expect(zone.passes(call("/other"))).toBe(true);
});

test("an hour can be a second", () => {
  const l = limiter({ per: 3600 }, 3600);
  for (const _ of [1, 2, 3]) l.passes();
  expect(l.passes()).toBe(false);
  l.wait(1000);
  expect(l.passes()).toBe(true);
});

test("what one rule refuses uses up nothing of another", () => {
  const rules = faultConfigSchema.parse({
    limits: [
      { id: "wide", vendor: "vercel", amount: 10, per: 60 },
      { id: "narrow", vendor: "vercel", amount: 1, per: 60, path: "domains" },
    ],
  }).limits;
  const made = createLimiter(rules, 1, () => 0);
  for (const _ of [1, 2, 3]) made.check(call("/domains"));
  expect(made.counts()).toMatchObject({ wide: { passed: 1 }, narrow: { passed: 1, refused: 2 } });
});

test("a limit that is halved in the middle of a window gives nobody a new one", () => {
  const rule = (amount: number) =>
    faultConfigSchema.parse({ limits: [{ id: "l", vendor: "vercel", amount, per: 60 }] }).limits as LimitRule[];
  const before = createLimiter(rule(10), 1, () => 0);
  for (let n = 0; n < 4; n++) before.check(call());
  const after = createLimiter(rule(5), 1, () => 0, before);
  expect((after.check(call()) as LimitVerdict).refused).toBeUndefined();
  expect((after.check(call()) as LimitVerdict).refused).toBeDefined();
});

describe("invariants, for any calls at any times", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 200 });

  test("a window never passes more than its amount between two starts", () => {
    fc.assert(
      fc.property(gaps, (waits) => {
        const l = limiter({});
        let start: number | undefined;
        let passed = 0;
        for (const ms of waits) {
          l.wait(ms);
          // A window starts with the first call after the one before has ended.
          if (start === undefined || l.now() - start >= 60_000) [start, passed] = [l.now(), 0];
          if (l.passes()) passed += 1;
          expect(passed).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  test("a bucket never passes more than its size and what has flowed in since", () => {
    fc.assert(
      fc.property(gaps, (waits) => {
        const l = limiter({ algorithm: "bucket" });
        const start = l.now();
        let passed = 0;
        for (const ms of waits) {
          l.wait(ms);
          if (l.passes()) passed += 1;
          expect(passed).toBeLessThanOrEqual(3 + (l.now() - start) / 20_000 + 1e-6);
        }
      }),
    );
  });

  test("who waits until retryAt is let through", () => {
    fc.assert(
      fc.property(
        gaps,
        fc.constantFrom("window", "bucket"),
        fc.option(fc.integer({ min: 1, max: 500 })),
        (waits, algorithm, block) => {
          const l = limiter({ algorithm, ...(block === null ? {} : { block }) });
          for (const ms of waits) {
            l.wait(ms);
            const { refused } = l.check();
            if (refused === undefined) continue;
            l.wait(Math.ceil(refused.retryAt - l.now()));
            expect(l.passes()).toBe(true);
          }
        },
      ),
    );
  });
});

test("rules are made from the catalog's data; amounts are nobody else's", () => {
  const limits = [
    { id: "vercel.project-create", amount: 100, per: 3600 },
    { id: "cloudflare.api-calls", amount: 1200, per: 300 },
    { id: "cloudflare.api-block", amount: 300, per: null },
    { id: "cloudflare.zone-records", amount: 200, per: null },
    { id: "letsencrypt.certificates", amount: 50, per: 604_800 },
  ];
  const rules = limitRules(limits, { factor: 0.5 });
  expect(rules.map(({ id, amount, per, block }) => ({ id, amount, per, block }))).toEqual([
    { id: "vercel.project-create", amount: 50, per: 3600, block: undefined },
    { id: "cloudflare.api-calls", amount: 600, per: 300, block: 300 },
  ]);
  expect(limitRules(limits, { vendors: ["cloudflare"] })).toHaveLength(1);
  expect(() => faultConfigSchema.parse({ limits: rules })).not.toThrow();
});
