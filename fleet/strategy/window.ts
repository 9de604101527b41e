import type { TrafficRow } from "./traffic.ts";

/** A stretch of quiet hours. */
export interface QuietWindow {
  /** Its next start, ms since 1970, on a full hour. `now` runs at once. */
  readonly startsAt: number;
  readonly hours: number;
  /** From one start to the next, hours: 24 for the default, 168 for one found in a week of traffic. */
  readonly everyHours: number;
  /** Why this one, in a sentence. */
  readonly reason: string;
  /** Its traffic as a share of an average stretch of that length; absent without data. */
  readonly share?: number;
}

/** 02:00–04:00 UTC, when nothing is known: deep night in Europe. */
export const DEFAULT_WINDOW = { hour: 2, hours: 2 } as const;

const HOUR = 3_600_000;
const WEEK = 168;
/** 1970-01-05 was a Monday. */
const MONDAY = 4 * 24;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/** Hours of the week that must have data: a few days say nothing about a Sunday. */
const ENOUGH = 24;

/** Options of {@link quietWindow}. */
export interface WindowOptions {
  /** ms since 1970 */
  readonly now: number;
  /** @default 2 */
  readonly hours?: number;
  /** Only these zones. @default all */
  readonly zones?: readonly string[];
}

/**
 * The stretch of a week with the fewest requests: every start is tried, weeks are averaged, the week goes round. Hours
 * without data are taken as average, so that a gap is never mistaken for a quiet night. Of equal ones the next. Pure.
 */
export function quietWindow(rows: readonly TrafficRow[], options: WindowOptions): QuietWindow {
  const { now, hours = DEFAULT_WINDOW.hours, zones } = options;
  const week = averageWeek(zones ? rows.filter(({ zone }) => zones.includes(zone)) : rows);
  const known = week.filter((value) => value !== undefined);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length < ENOUGH || mean === 0) return defaultWindow(now, hours, rows.length > 0);
  const at = (hour: number) => week[hour % WEEK] ?? mean;
  const nextFull = Math.ceil(now / HOUR);
  let best = { ahead: 0, sum: Number.POSITIVE_INFINITY };
  for (let ahead = 0; ahead < WEEK; ahead += 1) {
    let sum = 0;
    for (let i = 0; i < hours; i += 1) sum += at(hourOfWeek(nextFull + ahead + i));
    if (sum < best.sum - 1e-9) best = { ahead, sum };
  }
  const startsAt = (nextFull + best.ahead) * HOUR;
  const share = best.sum / (mean * hours);
  const start = hourOfWeek(nextFull + best.ahead);
  const day = DAYS[Math.floor(start / 24)];
  const reason = `${day} ${clock(start % 24)}–${clock((start + hours) % 24)} UTC has ${Math.round(share * 100)} % of the average traffic, the least of the week`;
  return { startsAt, hours, everyHours: WEEK, reason, share };
}

/** Hour of the week, 0 = Monday 00:00 UTC, of an hour counted since 1970. Pure. */
export function hourOfWeek(hour: number): number {
  return (((hour - MONDAY) % WEEK) + WEEK) % WEEK;
}

function defaultWindow(now: number, hours: number, tooLittle: boolean): QuietWindow {
  const day = Math.floor(now / (24 * HOUR)) * 24 * HOUR;
  const today = day + DEFAULT_WINDOW.hour * HOUR;
  const startsAt = today >= now ? today : today + 24 * HOUR;
  const why = tooLittle ? "too little traffic data" : "no traffic data";
  const reason = `${why}: ${clock(DEFAULT_WINDOW.hour)}–${clock(DEFAULT_WINDOW.hour + hours)} UTC`;
  return { startsAt, hours, everyHours: 24, reason };
}

/** Average requests of each hour of the week over all weeks; undefined where there is no data. */
function averageWeek(rows: readonly TrafficRow[]): (number | undefined)[] {
  const byHour = new Map<number, number>();
  for (const { hour, requests } of rows) byHour.set(hour, (byHour.get(hour) ?? 0) + requests);
  const sums = Array.from({ length: WEEK }, () => ({ sum: 0, count: 0 }));
  for (const [hour, requests] of byHour) {
    const slot = sums[hourOfWeek(Math.floor(hour / HOUR))];
    if (slot === undefined) continue;
    slot.sum += requests;
    slot.count += 1;
  }
  return sums.map(({ sum, count }) => (count === 0 ? undefined : sum / count));
}

const clock = (hour: number) => `${String(hour % 24).padStart(2, "0")}:00`;
