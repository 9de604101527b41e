import type { Freeze, GateWindow } from "../../model/index.ts";

const MINUTE_MS = 60_000;
/** A window that opens once a week, and not on the day on which the clocks leave it out, opens within so many days. */
const SEARCH_DAYS = 15;

/** A time as clocks on the wall of a place show it. */
interface WallTime {
  /** YYYY-MM-DD. */
  readonly day: string;
  /** In English, lower case. */
  readonly weekday: string;
  /** Since midnight by the clock. */
  readonly minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wallTime(at: Date, timeZone: string): WallTime {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
    format = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "long", hourCycle: "h23", ...parts });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: `${part.year}-${part.month}-${part.day}`,
    weekday: String(part.weekday).toLowerCase(),
    minutes: Number(part.hour) * 60 + Number(part.minute),
  };
}

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * Whether a window is open, by the clock on the wall of its time zone: where clocks go forward over a part of it, it is shorter,
 * and where they go back, longer. Its end belongs to it no more. Pure.
 */
export function isOpen({ days, from, to, timeZone }: GateWindow, at: Date): boolean {
  const { weekday, minutes } = wallTime(at, timeZone);
  const [begins, ends] = [minutesOf(from), minutesOf(to)];
  const on = (day: string) => (days as readonly string[]).includes(day);
  if (begins < ends) return on(weekday) && minutes >= begins && minutes < ends;
  const yesterday = DAYS[(DAYS.indexOf(weekday) + 6) % 7] as string;
  return (on(weekday) && minutes >= begins) || (on(yesterday) && minutes < ends);
}

/** When one of these windows is open next, to the minute; undefined when none is within two weeks. Pure. */
export function nextOpening(windows: readonly GateWindow[], at: Date): Date | undefined {
  const first = Math.ceil(at.getTime() / MINUTE_MS);
  for (let minute = first; minute < first + SEARCH_DAYS * 24 * 60; minute++) {
    const then = new Date(minute * MINUTE_MS);
    if (windows.some((window) => isOpen(window, then))) return then;
  }
  return undefined;
}

/** A window in words. Pure. */
export function describeWindow({ days, from, to, timeZone }: GateWindow): string {
  const named =
    days.length === DAYS.length ? "daily" : days.map((day) => day[0]?.toUpperCase() + day.slice(1)).join(", ");
  return `${named} ${from}–${to} ${timeZone}`;
}

/** The freeze in which a time lies. Both its days belong to it, by the calendar of its time zone. Pure. */
export function frozenBy(freezes: readonly Freeze[], at: Date): Freeze | undefined {
  return freezes.find(({ from, to, timeZone }) => {
    const { day } = wallTime(at, timeZone);
    return from <= day && day <= to;
  });
}
