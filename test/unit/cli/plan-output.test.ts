import { describe, expect, it } from "vitest";
import { renderPlan } from "../../../cli/output/plan.ts";
import { formatSeconds, readDuration, readTime } from "../../../operations/kit/duration.ts";

// What breaks: people read a wrong time, or a wrong option is taken for a time.

describe("times", () => {
  it("are shown in two units at most", () => {
    expect([30, 89, 90, 3600, 55_200, 60 * 3600, 126 * 86_400].map(formatSeconds)).toEqual([
      "30 s",
      "89 s",
      "2 min",
      "60 min",
      "15 h 20 min",
      "2 d 12 h",
      "126 d",
    ]);
  });

  it("are read as durations or dates, anything else is refused", () => {
    const duration = readDuration("--job-limit");
    expect(["90", "30m", "6h", "1h30m", "2d"].map(duration)).toEqual([90, 1800, 21_600, 5400, 172_800]);
    for (const bad of ["", "0", "soon", "5x", "-3h"]) {
      expect(() => duration(bad)).toThrow(expect.objectContaining({ code: "usage" }));
    }
    expect(readTime("--until")("2026-11-23T04:00Z")).toBe(Date.UTC(2026, 10, 23, 4));
    expect(() => readTime("--until")("later")).toThrow(expect.objectContaining({ code: "usage" }));
  });
});

describe("a plan on the terminal", () => {
  it("says the strategy with its reason, the limits, the runs and what is left", () => {
    const at = Date.UTC(2026, 10, 23, 2);
    const text = renderPlan({
      strategy: { kind: "batch", reason: "many", first: [], quietHours: false },
      startsAt: at,
      startReason: "now",
      plan: {
        changes: 3,
        seconds: 60,
        endsAt: at + 60_000,
        limits: [
          {
            key: "vercel.x",
            vendor: "vercel",
            what: "",
            amount: 100,
            perSeconds: 3600,
            need: 150,
            seconds: 5400,
            binds: { from: at, until: at, seconds: 1 },
          },
        ],
        vendors: [],
        runs: [
          {
            number: 1,
            startsAt: at,
            endsAt: at,
            changes: 3,
            stacks: [{ stack: "prod", changes: 3, startsAt: at, endsAt: at }],
            ended: "job-limit",
          },
        ],
        left: [{ stack: "prod-cell-01", reason: "does not fit before the end" }],
      },
      notes: ["n"],
    });
    for (const part of [
      "batch: many",
      "100 / 60 min",
      "1 h 30 min",
      "2026-11-23 02:00 UTC",
      "prod",
      "the job's limit",
      "1 stack left",
      "note: n",
    ]) {
      expect(text).toContain(part);
    }
  });
});
