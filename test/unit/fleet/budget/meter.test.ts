import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_METER, freeAt, type Meter, usedOf, useOf } from "../../../../fleet/budget/meter.ts";

// What breaks: a vendor sees more calls in a window than it allows, and blocks everybody.

const PER = 60_000;
const steps = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 40_000 }), want: fc.integer({ min: 1, max: 5 }) }), {
  maxLength: 60,
});

describe("a meter", () => {
  it("never lets more than the amount through in any window, however calls arrive", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 12 }), steps, (amount, list) => {
        let meter: Meter = EMPTY_METER;
        let now = 5_000_000;
        const made: number[] = [];
        for (const { wait, want } of list) {
          now = Math.max(now + wait, freeAt(meter, { amount, perMs: PER }, now + wait, want));
          meter = useOf(meter, PER, now, want);
          for (let i = 0; i < want; i += 1) made.push(now);
        }
        for (const end of made) {
          expect(made.filter((at) => at > end - PER && at <= end).length).toBeLessThanOrEqual(amount);
        }
      }),
    );
  });

  it("waits no longer than a window and one slot of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 12 }), steps, (amount, list) => {
        let meter: Meter = EMPTY_METER;
        let now = 5_000_000;
        for (const { wait, want } of list) {
          now += wait;
          const at = freeAt(meter, { amount, perMs: PER }, now, want);
          expect(at - now).toBeLessThanOrEqual(PER + PER / 60 + 1);
          now = at;
          meter = useOf(meter, PER, now, want);
        }
      }),
    );
  });

  it("says when it is free, exactly: a moment earlier it is not", () => {
    const meter = useOf(useOf(EMPTY_METER, PER, 100_000, 3), PER, 130_000, 2);
    const at = freeAt(meter, { amount: 5, perMs: PER }, 131_000, 1);
    expect(usedOf(meter, PER, at)).toBe(2);
    expect(usedOf(meter, PER, at - 2)).toBe(5);
  });

  it("is never free for more than the amount, and not before a block ends", () => {
    expect(freeAt(EMPTY_METER, { amount: 5, perMs: PER }, 0, 6)).toBe(Number.POSITIVE_INFINITY);
    expect(freeAt({ slots: [], blockedUntil: 900 }, { amount: 5, perMs: PER }, 10, 1)).toBe(900);
  });

  it("counts with a learned amount until that has had its time", () => {
    const meter = { slots: [], learned: { amount: 2, until: 500, at: 0, why: "" } };
    expect(freeAt(meter, { amount: 5, perMs: PER }, 0, 3)).toBe(Number.POSITIVE_INFINITY);
    expect(freeAt(meter, { amount: 5, perMs: PER }, 500, 3)).toBe(500);
  });
});
