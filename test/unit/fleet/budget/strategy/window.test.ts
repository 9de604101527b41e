import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTraffic, type TrafficRow } from "../../../../../fleet/budget/strategy/traffic.ts";
import { hourOfWeek, quietWindow } from "../../../../../fleet/budget/strategy/window.ts";

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

  it("are never in the past, about as quiet as the quietest, which is among them, and apart", () => {
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
          const sums = Array.from({ length: 168 }, (_, start) => sum(start));
          const [least, mean] = [Math.min(...sums), sums.reduce((a, b) => a + b, 0) / 168];
          const most = Math.max(least * 1.25, least + mean * 0.05) + 1e-6;
          const windows = found.windows ?? [];
          expect(windows[0]?.startsAt).toBe(found.startsAt);
          const starts = windows.map(({ startsAt }) => startsAt / HOUR);
          for (const start of starts) expect(sum(hourOfWeek(start))).toBeLessThanOrEqual(most);
          // The quietest is among them, and none overlaps another, the week round.
          expect(Math.min(...starts.map((start) => sum(hourOfWeek(start))))).toBe(least);
          const next = [...starts.slice(1), (starts[0] ?? 0) + 168];
          for (const [index, start] of starts.entries())
            expect((next[index] ?? 0) - start).toBeGreaterThanOrEqual(hours);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("windows about as quiet as the quietest", () => {
  const starts = (rows: TrafficRow[], more: { now?: number; hours?: number } = {}) =>
    (quietWindow(rows, { now, ...more }).windows ?? []).map(({ startsAt }) =>
      new Date(startsAt).toISOString().slice(0, 13),
    );
  const nightly = (hour: number) => (hour % 24 === 4 || hour % 24 === 5 ? 10 : 100);

  it("are every night's where the nights are alike, noise or not", () => {
    const nights = [26, 27, 28, 29, 30].map((day) => `2026-11-${day}T04`).concat("2026-12-01T04", "2026-12-02T04");
    expect(starts(week(nightly))).toEqual(nights);
    expect(starts(week((hour) => nightly(hour) + (hour > 144 ? 0 : 2)))).toEqual(nights);
    expect(quietWindow(week(nightly), { now }).reason).toMatch(
      /^every day 04:00–06:00 UTC has 11 % .* 7 windows a week/,
    );
  });

  it("are the weekend's where only that is quiet", () => {
    const rows = week((hour) => (hour >= 5 * 24 ? (hour % 24 < 4 ? 10 : 60) : hour % 24 < 4 ? 50 : 100));
    expect(starts(rows)).toEqual(["2026-11-28T00", "2026-11-29T00"]);
    expect(quietWindow(rows, { now }).reason).toContain("Saturday 00:00–02:00, Sunday 00:00–02:00 has");
  });

  it("are one a day where every hour is alike, the next at once", () => {
    const found = starts(week(() => 100));
    expect(found).toHaveLength(7);
    expect(found[0]).toBe("2026-11-25T11");
  });

  it("do not follow one odd day once there are three weeks", () => {
    const weeks = [0, 1, 2].flatMap((past) =>
      week(nightly).map((row) => ({ ...row, hour: row.hour - past * 168 * HOUR })),
    );
    // An outage on a Tuesday afternoon of the last week.
    const odd = weeks.map((row) =>
      row.hour >= monday + 38 * HOUR && row.hour < monday + 42 * HOUR ? { ...row, requests: 0 } : row,
    );
    expect(starts(odd)).toEqual(starts(week(nightly)));
    // With a week alone nobody can tell: then it is the quietest that is known.
    expect(starts(odd.filter(({ hour }) => hour >= monday))).toHaveLength(1);
  });

  it("take a short history for what it says of its days, and no other for quiet", () => {
    const days = week((hour) => (hour < 48 ? nightly(hour) : undefined));
    expect(starts(days)).toEqual(["2026-11-30T04", "2026-12-01T04"]);
  });

  it("stay with the hours that are quiet on both sides of a clock change", () => {
    // The night is 02–05 UTC in summer, and an hour later by UTC from 25 October on.
    const before = Date.UTC(2026, 9, 19);
    const night = (from: number) => (hour: number) => (hour % 24 >= from && hour % 24 < from + 3 ? 10 : 100);
    const rows = [
      ...week(night(2)).map((row) => ({ ...row, hour: row.hour - monday + before })),
      ...week(night(3)).map((row) => ({ ...row, hour: row.hour - monday + before + 168 * HOUR })),
    ];
    const found = starts(rows, { now: Date.UTC(2026, 10, 2, 10) });
    expect(found).toHaveLength(7);
    for (const start of found) expect(start).toMatch(/T03$/);
  });
});

describe("traffic data", () => {
  it("without a zone is UTC wherever it is read, and an hour that comes twice counts as two", () => {
    const here = process.env.TZ;
    process.env.TZ = "Europe/Vienna";
    try {
      const text =
        "hour,requests\n2026-10-25T02:00,1\n2026-10-25 02:00:00,2\n2026-10-25T02:00:00+02:00,3\n2026-10-25T02:00:00+01:00,4\n";
      expect(parseTraffic(text).map(({ hour }) => new Date(hour).toISOString().slice(11, 13))).toEqual([
        "02",
        "02",
        "00",
        "01",
      ]);
    } finally {
      if (here === undefined) delete process.env.TZ;
      else process.env.TZ = here;
    }
  });

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
