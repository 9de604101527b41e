import { medianSorted } from "simple-statistics";

/** A forecast of the days after those that are known: `at(1)` is the next day. */
interface Fit {
  at(ahead: number): number;
}

type Values = readonly (number | undefined)[];

/** Ways to forecast. `naive-*` are what the model must beat: https://otexts.com/fpp3/simple-methods.html */
export const METHODS = {
  /** The same weekday of the last week. */
  "naive-week": naiveWeek,
  /** The median of the same weekday over four weeks. */
  "naive-median": naiveMedian,
  /** A damped trend without the weekly rhythm, on logarithms. */
  "damped-trend": dampedTrend,
} as const;

/** See {@link METHODS}. */
export type Method = keyof typeof METHODS;

/** Days that a fit looks back. Eight weeks hold the rhythm eight times, and are short beside growth. */
const WINDOW = 56;
/** Days whose middle is the level. */
const LEVEL_DAYS = 21;
/** What is left of a day's trend on the next day: https://otexts.com/fpp3/holt.html on damped trends. */
const DAMPING = 0.96;

/** Median of numbers; 0 of none. */
export function medianOf(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? 0 : medianSorted(sorted as unknown as number[]);
}

const isKnown = (value: number | undefined): value is number => value !== undefined;

function naiveWeek(values: Values, end: number): Fit {
  return {
    at(ahead) {
      for (let at = sameWeekday(end, ahead); at >= 0; at -= 7) {
        const value = values[at];
        if (value !== undefined) return value;
      }
      return medianOf(values.slice(0, end).filter(isKnown));
    },
  };
}

function naiveMedian(values: Values, end: number): Fit {
  return {
    at(ahead) {
      const last = sameWeekday(end, ahead);
      const found = [0, 7, 14, 21].map((back) => (last - back < 0 ? undefined : values[last - back])).filter(isKnown);
      return found.length > 0 ? medianOf(found) : medianOf(values.slice(0, end).filter(isKnown));
    },
  };
}

/** The last known place with the weekday of `ahead` days after the end. */
const sameWeekday = (end: number, ahead: number): number => end - 1 + ahead - 7 * Math.ceil(ahead / 7);

function dampedTrend(values: Values, end: number): Fit {
  const from = Math.max(0, end - WINDOW);
  const days: { at: number; log: number }[] = [];
  for (let at = from; at < end; at += 1) {
    const value = values[at];
    if (value !== undefined) days.push({ at, log: Math.log1p(Math.max(0, value)) });
  }
  const middle = medianOf(days.map(({ log }) => log));
  const rhythm = Array.from({ length: 7 }, (_, weekday) =>
    medianOf(days.filter(({ at }) => at % 7 === weekday).map(({ log }) => log - middle)),
  );
  const level0 = rhythm.reduce((sum, one) => sum + one, 0) / 7;
  const rest = days.map(({ at, log }) => ({ at, value: log - ((rhythm[at % 7] ?? 0) - level0) }));
  const slope = theilSen(rest);
  const last = end - 1;
  const level = medianOf(
    rest.filter(({ at }) => at > last - LEVEL_DAYS).map(({ at, value }) => value + slope * (last - at)),
  );
  return {
    at(ahead) {
      const trend = (slope * DAMPING * (1 - DAMPING ** ahead)) / (1 - DAMPING);
      const weekday = (end - 1 + ahead) % 7;
      return Math.max(0, Math.expm1(level + trend + (rhythm[weekday] ?? 0) - level0));
    },
  };
}

/** The median of the slopes of all pairs: a spike does not move it. */
function theilSen(points: readonly { at: number; value: number }[]): number {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < points.length; i += 1) {
    const a = points[i] as { at: number; value: number };
    for (let j = i + 1; j < points.length; j += 1) {
      const b = points[j] as { at: number; value: number };
      slopes[count++] = (b.value - a.value) / (b.at - a.at);
    }
  }
  return count === 0 ? 0 : medianOf(slopes);
}
