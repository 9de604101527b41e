import { describe, expect, it } from "vitest";
import { type Counted, compare, type Sample } from "../../../bench/measure/shown.ts";

// What breaks when these fail: the bench calls a page right that shows other figures than the events, or wrong that is merely a second behind.

const T = Date.parse("2026-11-30T03:00:00Z");
const at = (seconds: number) => new Date(T + seconds * 1000).toISOString();
const EVENTS: Counted[] = [
  { at: at(0), event: "started", operation: "rollout", total: 2 },
  { at: at(1), event: "stack-started", stack: "a" },
  { at: at(3), event: "stack-ended", stack: "a", ok: true },
  { at: at(4), event: "wave-passed", wave: "few" },
  { at: at(5), event: "more", stacks: 1 },
  { at: at(6), event: "ended" },
];
const WAVES = new Map([["few", 20]]);
const NEVER = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const sample = (seconds: number, figures: string | undefined, more: Partial<Sample> = {}): Sample => ({
  ...{ t: T + seconds * 1000, at: T + seconds * 1000 - 300, stale: false, state: "Live", figures },
  ...more,
});
const ACTIVE = "0 done, 0 failed, 1 active, 1 queued of 2 stacks";

describe("a page beside a run", () => {
  it.each([
    ["as it is", sample(2, ACTIVE), 0],
    ["as it was 0.9 s ago", sample(3.9, ACTIVE), 900],
    ["over", sample(7, undefined), 0],
    [
      "with the sites that have passed",
      sample(4.5, "1 done, 0 failed, 0 active, 1 queued of 2 stacks", { passed: 20 }),
      0,
    ],
    ["with a record that is written before its event", sample(3.5, ACTIVE, { passed: 20 }), 500],
  ])("is right %s", (_, one, behind) => {
    expect(compare([one], EVENTS, WAVES, NEVER)).toEqual({ compared: 1, differences: [], behind });
  });

  it.each([
    ["figures that never were", sample(2, "1 done, 0 failed, 1 active, 0 queued of 2 stacks")],
    ["figures that are not yet", sample(0.5, ACTIVE)],
    ["sites that have not passed", sample(2, ACTIVE, { passed: 20 })],
  ])("is wrong with %s", (_, one) => {
    expect(compare([one], EVENTS, WAVES, NEVER).differences).toHaveLength(1);
  });

  it("may be behind while it says that it is stale, or is cut off", () => {
    const old = sample(5.9, ACTIVE);
    expect(compare([old], EVENTS, WAVES, NEVER).behind).toBe(2900);
    expect(compare([{ ...old, stale: true }], EVENTS, WAVES, NEVER).behind).toBe(0);
    expect(compare([old], EVENTS, WAVES, { from: T + 5000, to: T + 9000 }).behind).toBe(0);
  });
});
