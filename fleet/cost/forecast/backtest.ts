import { METHODS, type Method } from "./model.ts";

/** Days of history before a first forecast is tried. */
const WARM_UP = 35;
/** Days that each trial forecasts: the longest rest of a cycle. */
export const HORIZON = 33;
/** Trials at most, the newest. */
const MOST = 500;

/** How the forecasts of one method came out. */
export interface Trials {
  readonly method: Method;
  /** Sum of the days' absolute errors over the sum of the days; 0.1 = a day is wrong by a tenth. */
  readonly error: number;
  /** By place of the last known day: logarithms of what was over what was said, a day each. */
  readonly paths: ReadonlyMap<number, readonly (number | undefined)[]>;
}

/** A rolling-origin backtest: on each past day what is known by then forecasts the days after it. Pure. */
function backtest(values: readonly (number | undefined)[], method: Method): Trials {
  const paths = new Map<number, (number | undefined)[]>();
  const small = smallest(values);
  let wrong = 0;
  let sum = 0;
  for (let end = Math.max(WARM_UP, values.length - MOST); end < values.length; end += 1) {
    const fit = METHODS[method](values, end);
    const path: (number | undefined)[] = [];
    for (let ahead = 1; ahead <= HORIZON; ahead += 1) {
      const real = values[end - 1 + ahead];
      if (real === undefined) {
        path.push(undefined);
        continue;
      }
      const said = fit.at(ahead);
      wrong += Math.abs(real - said);
      sum += Math.abs(real);
      path.push(Math.log((Math.max(0, real) + small) / (said + small)));
    }
    paths.set(end, path);
  }
  return { method, error: sum === 0 ? 0 : wrong / sum, paths };
}

/** Added before a logarithm is taken: a hundredth of a usual day, so that a day without use is no infinity. */
export function smallest(values: readonly (number | undefined)[]): number {
  const known = values.filter((value): value is number => value !== undefined);
  return Math.max(1e-9, (0.01 * known.reduce((sum, value) => sum + value, 0)) / Math.max(1, known.length));
}

/** The methods tried on one history, and the one that is used: the model, unless a naive one is at least as good. Pure. */
export function chooseMethod(values: readonly (number | undefined)[]): {
  readonly chosen: Trials;
  readonly all: Trials[];
} {
  const all = (Object.keys(METHODS) as Method[]).map((method) => backtest(values, method));
  const tried = all.some(({ paths }) => paths.size > 0);
  // Too short for trials: the plainest that evens out chance.
  const plain = all.find(({ method }) => method === "naive-median") as Trials;
  const chosen = tried ? all.reduce((best, one) => (one.error < best.error ? one : best)) : plain;
  return { chosen, all };
}
