import { quantileSorted } from "simple-statistics";
import { HORIZON, smallest, type Trials } from "./backtest.ts";
import { METHODS } from "./model.ts";

/** Draws of a forecast. */
const DRAWS = 2000;
/** What past errors understate those to come, found in backtests of made-up histories (test/unit/fleet/cost/forecast.test.ts). */
const MARGIN = 1.15;
/** Spread of a day, as a logarithm, where there were no trials. */
const ASSUMED_SPREAD = 0.35;

/** A quantity that is forecast. */
export interface Forecastable {
  readonly values: readonly (number | undefined)[];
  readonly trials: Trials;
}

/**
 * Possible futures of several series: each draw takes the errors of whole days of one past trial, the same days for all series, so
 * that what goes up together stays together. Seeded: the same history gives the same draws. Pure.
 *
 * @param ahead days, from the first after the last known one
 * @returns for each series and draw the sums up to each day
 */
export function simulate(series: readonly Forecastable[], ahead: number, seed = 1, count = DRAWS): Float64Array[][] {
  const random = generator(seed);
  const origins = [...(series[0]?.trials.paths.keys() ?? [])].filter((end) => isWhole(series[0], end, ahead));
  const fits = series.map(({ values, trials }) => {
    const fit = METHODS[trials.method](values, values.length);
    return Array.from({ length: ahead }, (_, day) => fit.at(day + 1));
  });
  const small = series.map(({ values }) => smallest(values));
  // Trials overlap: what they say counts as that of one independent trial a horizon, and few of them know little of the tails.
  const widen = Math.sqrt(1 + 2 / Math.max(1, origins.length / Math.max(7, ahead))) * MARGIN;
  return Array.from({ length: count }, () => {
    const origin = origins[Math.floor(random() * origins.length)];
    const assumed = origin === undefined ? ASSUMED_SPREAD * gauss(random) : 0;
    return series.map(({ trials }, index) => {
      const sums = new Float64Array(ahead);
      const path = origin === undefined ? undefined : trials.paths.get(origin);
      let sum = 0;
      for (let day = 0; day < ahead; day += 1) {
        const said = fits[index]?.[day] ?? 0;
        const error = path === undefined ? assumed : (path[day] ?? 0) * widen;
        const more = small[index] ?? 0;
        sum += Math.max(0, (said + more) * Math.exp(error) - more);
        sums[day] = sum;
      }
      return sums;
    });
  });
}

/** Whether a trial saw that many days. */
function isWhole(series: Forecastable | undefined, end: number, ahead: number): boolean {
  return series !== undefined && end + Math.min(ahead, HORIZON) <= series.values.length;
}

/** Lower and upper end of the middle share of numbers. Pure. @param share e.g. 0.95 */
export function interval(values: Iterable<number>, share: number): { readonly low: number; readonly high: number } {
  const sorted = Float64Array.from(values).sort() as unknown as number[];
  return { low: quantileSorted(sorted, (1 - share) / 2), high: quantileSorted(sorted, (1 + share) / 2) };
}

/** Numbers from 0 to 1: mulberry32, public domain. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const gauss = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
