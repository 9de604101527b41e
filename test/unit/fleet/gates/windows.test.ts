import fc from "fast-check";
import { expect, test } from "vitest";
import { frozenBy, isOpen, nextOpening } from "../../../../fleet/gates/windows.ts";
import type { GateWindow } from "../../../../model/index.ts";

// Breaks when a window is read in another zone than its own, or when the clocks change and it does not.

const window = (
  from: string,
  to: string,
  timeZone = "UTC",
  days = "monday tuesday wednesday thursday friday saturday sunday",
): GateWindow => ({ from, to, timeZone, days: days.split(" ") }) as GateWindow;
const at = (text: string) => new Date(text);
const VIENNA = "Europe/Vienna";

test.each([
  // Saturday for the host: its first minute belongs to it, its end does not.
  ["08:00", "14:00", "UTC", "saturday", "2026-11-28T07:59:59Z", false],
  ["08:00", "14:00", "UTC", "saturday", "2026-11-28T08:00:00Z", true],
  ["08:00", "14:00", "UTC", "saturday", "2026-11-28T13:59:59Z", true],
  ["08:00", "14:00", "UTC", "saturday", "2026-11-28T14:00:00Z", false],
  ["08:00", "14:00", "UTC", "saturday", "2026-11-29T09:00:00Z", false],
  // Clocks go forward on 2026-03-29: 02:00 to 03:00 does not exist, and 03:00 is 01:00 UTC.
  ["02:00", "04:00", VIENNA, undefined, "2026-03-29T00:59:59Z", false],
  ["02:00", "04:00", VIENNA, undefined, "2026-03-29T01:00:00Z", true],
  ["02:00", "04:00", VIENNA, undefined, "2026-03-29T01:59:59Z", true],
  ["02:00", "04:00", VIENNA, undefined, "2026-03-29T02:00:00Z", false],
  // Clocks go back on 2026-10-25: 02:00 to 03:00 comes twice, and both belong to it.
  ["02:00", "04:00", VIENNA, undefined, "2026-10-24T23:59:59Z", false],
  ["02:00", "04:00", VIENNA, undefined, "2026-10-25T00:00:00Z", true],
  ["02:00", "04:00", VIENNA, undefined, "2026-10-25T01:30:00Z", true],
  ["02:00", "04:00", VIENNA, undefined, "2026-10-25T02:59:59Z", true],
  ["02:00", "04:00", VIENNA, undefined, "2026-10-25T03:00:00Z", false],
  // Leap day 2028 is a Tuesday.
  ["08:00", "10:00", VIENNA, "tuesday", "2028-02-29T07:30:00Z", true],
  ["08:00", "10:00", VIENNA, "tuesday", "2028-03-01T07:30:00Z", false],
  // Over midnight and the end of the year: it begins on Thursday, 31 December 2026.
  ["22:00", "02:00", VIENNA, "thursday", "2026-12-31T20:59:59Z", false],
  ["22:00", "02:00", VIENNA, "thursday", "2026-12-31T21:00:00Z", true],
  ["22:00", "02:00", VIENNA, "thursday", "2027-01-01T00:59:59Z", true],
  ["22:00", "02:00", VIENNA, "thursday", "2027-01-01T01:00:00Z", false],
  ["22:00", "02:00", VIENNA, "friday", "2027-01-01T00:30:00Z", false],
])("%s–%s %s %s: at %s open is %s", (from, to, zone, days, time, open) => {
  expect(isOpen(window(from, to, zone, days), at(time))).toBe(open);
});

test("the hour that the clocks leave out does not open on that day", () => {
  const gone = window("02:00", "03:00", VIENNA, "sunday");
  expect(nextOpening([gone], at("2026-03-28T12:00:00Z"))?.toISOString()).toBe("2026-04-05T00:00:00.000Z");
});

test("the next opening is the first minute that is open", () => {
  fc.assert(
    fc.property(
      fc.date({ min: at("2026-01-01"), max: at("2028-12-31"), noInvalidDate: true }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 23 }),
      fc.constantFrom("UTC", VIENNA, "Asia/Kolkata"),
      (now, from, hours, zone) => {
        const two = (hour: number) => `${String(hour % 24).padStart(2, "0")}:00`;
        const one = window(two(from), two(from + hours), zone);
        const next = nextOpening([one], now);
        expect(next && isOpen(one, next)).toBe(true);
        const before = new Date((next as Date).getTime() - 60_000);
        expect(before < now || !isOpen(one, before)).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test.each([
  ["2026-12-23T22:59:59Z", false],
  ["2026-12-23T23:00:00Z", true],
  ["2027-01-01T22:59:59Z", true],
  ["2027-01-01T23:00:00Z", false],
])("a freeze lasts whole days of its own calendar, over the end of the year: at %s frozen is %s", (time, frozen) => {
  const freeze = { from: "2026-12-24", to: "2027-01-01", timeZone: VIENNA, reason: "holidays" };
  expect(frozenBy([freeze], at(time)) !== undefined).toBe(frozen);
});
