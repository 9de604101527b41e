import { median } from "../../../checks/judge/time.ts";
import type { TrafficRow } from "./traffic.ts";

/** A stretch of hours that comes again each week. */
export interface Stretch {
  /** Its next start, ms since 1970, on a full hour. */
  readonly startsAt: number;
  /** Its traffic as a share of an average stretch of that length. */
  readonly share: number;
}

/** Quiet hours. */
export interface QuietWindow {
  /** The next start, ms since 1970, on a full hour. `now` runs at once. */
  readonly startsAt: number;
  readonly hours: number;
  /** After how many hours all of them come again: 24 for the default, 168 for those found in a week of traffic. */
  readonly everyHours: number;
  /** Why these, in a sentence. */
  readonly reason: string;
  /** Traffic of the quietest as a share of an average stretch of that length; absent without data. */
  readonly share?: number;
  /** All that are about as quiet as the quietest, the next first. @default one, at `startsAt` */
  readonly windows?: readonly Stretch[];
  /** The quietest of each day, about as quiet or not, the next first. @default as `windows` */
  readonly daily?: readonly Stretch[];
}

/** 02:00–04:00 UTC, when nothing is known: deep night in Europe. */
const DEFAULT_WINDOW = { hour: 2, hours: 2 } as const;

const HOUR = 3_600_000;
const WEEK = 168;
/** 1970-01-05 was a Monday. */
const MONDAY = 4 * 24;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/**
 * What counts as about as quiet as the quietest: a quarter more requests, which is the noise of a week's data, or 5 % of the
 * average, which is too little to notice where the nights are nearly empty.
 */
const ABOUT = { more: 1.25, ofAverage: 0.05 } as const;
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
 * The stretches of a week with the fewest requests, at most one within 24 hours: the quietest, and every other that is about
 * as quiet. Every start is tried, the median of the weeks counts, the week goes round. Hours without data are taken as
 * average, so that a gap is never mistaken for a quiet night. Of equal ones the next. Pure.
 */
export function quietWindow(rows: readonly TrafficRow[], options: WindowOptions): QuietWindow {
  const { now, hours = DEFAULT_WINDOW.hours, zones } = options;
  const week = usualWeek(zones ? rows.filter(({ zone }) => zones.includes(zone)) : rows);
  const known = week.filter((value) => value !== undefined);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length < ENOUGH || mean === 0) return defaultWindow(now, hours, rows.length > 0);
  const at = (hour: number) => week[hour % WEEK] ?? mean;
  const nextFull = Math.ceil(now / HOUR);
  const stretch = (ahead: number): Stretch => {
    let sum = 0;
    for (let i = 0; i < hours; i += 1) sum += at(hourOfWeek(nextFull + ahead + i));
    return { startsAt: (nextFull + ahead) * HOUR, share: sum / (mean * hours) };
  };
  const all = Array.from({ length: WEEK }, (_, ahead) => stretch(ahead));
  const days = Array.from({ length: 7 }, (_, day) => all.slice(day * 24, day * 24 + 24));
  const daily = apart(days.map(quietestOf), hours);
  const best = quietestOf(all);
  const most = Math.max(best.share * ABOUT.more, best.share + ABOUT.ofAverage);
  const windows = daily.filter(({ share }) => share <= most);
  return {
    startsAt: windows[0]?.startsAt ?? best.startsAt,
    hours,
    everyHours: WEEK,
    reason: reasonOf(windows, best, hours),
    share: best.share,
    windows,
    daily,
  };
}

/** The first of the quietest. Sums of floats differ in their last digits. */
function quietestOf(stretches: readonly Stretch[]): Stretch {
  return stretches.reduce((best, one) => (one.share < best.share - 1e-9 ? one : best));
}

/** Without those that overlap a quieter one, the week round; in the order of their starts. */
function apart(stretches: readonly Stretch[], hours: number): Stretch[] {
  const taken: Stretch[] = [];
  for (const one of stretches.toSorted((a, b) => a.share - b.share || a.startsAt - b.startsAt)) {
    const between = (other: Stretch) => {
      const away = Math.abs(one.startsAt - other.startsAt) / HOUR;
      return Math.min(away, WEEK - away);
    };
    if (taken.every((other) => between(other) >= hours)) taken.push(one);
  }
  return taken.sort((a, b) => a.startsAt - b.startsAt);
}

/** `Sunday 04:00–06:00 UTC` of a stretch. Pure. */
export function nameOfStretch({ startsAt }: Pick<Stretch, "startsAt">, hours: number): string {
  const start = hourOfWeek(startsAt / HOUR);
  return `${DAYS[Math.floor(start / 24)]} ${clock(start % 24)}–${clock((start + hours) % 24)} UTC`;
}

function reasonOf(windows: readonly Stretch[], best: Stretch, hours: number): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  if (windows.length <= 1)
    return `${nameOfStretch(best, hours)} has ${percent(best.share)} of the average traffic, the least of the week`;
  const starts = new Set(windows.map(({ startsAt }) => hourOfWeek(startsAt / HOUR) % 24));
  const [least, most] = [best.share, Math.max(...windows.map(({ share }) => share))].map(percent);
  const shares = least === most ? least : `${least} to ${most}`;
  const [start] = starts;
  const same = starts.size === 1 && start !== undefined;
  const span = same ? `${clock(start)}–${clock(start + hours)} UTC` : "";
  const when =
    same && windows.length === 7
      ? `every day ${span}`
      : windows.map((one) => nameOfStretch(one, hours).replace(" UTC", "")).join(", ");
  return `${when} has ${shares} of the average traffic: ${windows.length} windows a week are about as quiet as the quietest`;
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

/**
 * What each hour of the week usually has: the median of all weeks, so that one odd day (an outage, a campaign) decides
 * nothing once there are three; undefined where there is no data.
 */
function usualWeek(rows: readonly TrafficRow[]): (number | undefined)[] {
  const byHour = new Map<number, number>();
  for (const { hour, requests } of rows) byHour.set(hour, (byHour.get(hour) ?? 0) + requests);
  const slots: number[][] = Array.from({ length: WEEK }, () => []);
  for (const [hour, requests] of byHour) slots[hourOfWeek(Math.floor(hour / HOUR))]?.push(requests);
  return slots.map((values) => median(values));
}

const clock = (hour: number) => `${String(hour % 24).padStart(2, "0")}:00`;
