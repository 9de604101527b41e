import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTraffic, type TrafficRow } from "../../../../fleet/strategy/traffic.ts";
import { hourOfWeek, quietWindow } from "../../../../fleet/strategy/window.ts";

// What breaks: a roll-out at the busiest hour because of a gap in the data, or a window in the past.

const HOUR = 3_600_000;
/** A Wednesday, 10:20 UTC. */
const now = Date.UTC(2026, 10, 25, 10, 20);
const monday = Date.UTC(2026, 10, 16);
const week = (requests: (hourOfWeek: number) => number | undefined, zone = "qmoney.de"): TrafficRow[] =>
  Array.from({ length: 168 }, (_, i) => ({ hour: monday + i * HOUR, zone, requests: requests(i) ?? -1 })).filter(
    (row) => row.requests >= 0,
  );

describe("quiet hours", () => {
  it("are 02:00–04:00 UTC when nothing is known, today or tomorrow", () => {
    const found = quietWindow([], { now });
    expect(new Date(found.startsAt).toISOString()).toBe("2026-11-26T02:00:00.000Z");
    expect(found).toMatchObject({ hours: 2, everyHours: 24, reason: "no traffic data: 02:00–04:00 UTC" });
    const early = quietWindow([], { now: Date.UTC(2026, 10, 25, 1, 59) });
    expect(new Date(early.startsAt).toISOString()).toBe("2026-11-25T02:00:00.000Z");
  });

  it("are the stretch of the week with the least traffic", () => {
    // Sunday 05:00–08:00 is quiet, one hour of Tuesday even more so.
    const rows = week((hour) => (hour >= 149 && hour < 152 ? 10 : hour === 30 ? 0 : 100));
    const found = quietWindow(rows, { now, hours: 3 });
    expect(new Date(found.startsAt).toISOString()).toBe("2026-11-29T05:00:00.000Z");
    expect(found.reason).toContain("Sunday 05:00–08:00 UTC has 10 %");
    expect(new Date(quietWindow(rows, { now, hours: 1 }).startsAt).toISOString()).toBe("2026-12-01T06:00:00.000Z");
  });

  it("do not take missing hours for quiet ones", () => {
    const rows = week((hour) => (hour < 24 ? undefined : hour === 100 ? 50 : 100));
    expect(hourOfWeek(quietWindow(rows, { now, hours: 1 }).startsAt / HOUR)).toBe(100);
    expect(quietWindow(rows.slice(0, 5), { now }).reason).toContain("too little traffic data");
  });

  it("look only at the zones that are named", () => {
    const rows = [...week((hour) => (hour === 7 ? 0 : 10), "a.de"), ...week((hour) => (hour === 9 ? 0 : 1000), "b.de")];
    expect(hourOfWeek(quietWindow(rows, { now, hours: 1, zones: ["a.de"] }).startsAt / HOUR)).toBe(7);
    expect(hourOfWeek(quietWindow(rows, { now, hours: 1 }).startsAt / HOUR)).toBe(9);
  });

  it("are never in the past, and no other stretch has less", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 168, maxLength: 168 }),
        fc.integer({ min: 1, max: 12 }),
        (values, hours) => {
          const found = quietWindow(
            week((hour) => (values[hour] ?? 0) + 1),
            { now, hours },
          );
          expect(found.startsAt).toBeGreaterThanOrEqual(now);
          expect(found.startsAt - now).toBeLessThan(169 * HOUR);
          const sum = (start: number) =>
            Array.from({ length: hours }, (_, i) => (values[(start + i) % 168] ?? 0) + 1).reduce((a, b) => a + b, 0);
          const least = Math.min(...Array.from({ length: 168 }, (_, start) => sum(start)));
          expect(sum(hourOfWeek(found.startsAt / HOUR))).toBe(least);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("traffic data", () => {
  it("comes as CSV or as rows of the usage API", () => {
    const row = { hour: Date.UTC(2026, 10, 16, 3), requests: 12 };
    expect(parseTraffic("hour,zone,requests\n2026-11-16T03:00:00Z,a.de,12\n")).toEqual([{ ...row, zone: "a.de" }]);
    expect(parseTraffic('{"data":[{"hour":"2026-11-16T03:00:00.000Z","requests":12,"bytes":5}]}')).toEqual([
      { ...row, zone: "" },
    ]);
  });

  it("that is wrong is refused with every row", () => {
    expect(() => parseTraffic("hour,requests\nsoon,5\n2026-11-16T03:00:00Z,-1\n")).toThrow(
      expect.objectContaining({
        code: "traffic.invalid",
        details: [expect.stringContaining("row 1"), expect.stringContaining("row 2")],
      }),
    );
    expect(() => parseTraffic("{nonsense")).toThrow(expect.objectContaining({ code: "traffic.invalid" }));
  });
});
