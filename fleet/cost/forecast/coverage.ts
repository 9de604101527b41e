import type { Trials } from "./backtest.ts";
import { interval, simulate } from "./simulate.ts";

/** History before a first interval is judged: as long as it takes that some trials of a whole month are over. */
const FIRST = 120;
/** Days between two that are judged. */
const STEP = 5;
/** Draws of each. */
const DRAWS = 300;

/** How often what came lay in the interval that was given for the rest of a cycle, by what was known then. */
export interface Coverage {
  readonly judged: number;
  /** Shares, 0 to 1. */
  readonly of80: number;
  readonly of95: number;
}

/** Judges intervals of 3 to 30 days by a history. Undefined where it is too short. Pure. */
export function coverageOf(values: readonly (number | undefined)[], trials: Trials): Coverage | undefined {
  let judged = 0;
  let in80 = 0;
  let in95 = 0;
  for (let end = FIRST; end + 3 <= values.length; end += STEP) {
    const ahead = Math.min(3 + ((end * 7) % 28), values.length - end);
    const paths = new Map([...trials.paths].filter(([origin]) => origin + ahead <= end));
    if (paths.size === 0) continue;
    const draws = simulate([{ values: values.slice(0, end), trials: { ...trials, paths } }], ahead, end, DRAWS);
    const rest = values.slice(end, end + ahead);
    const known = rest.flatMap((value, index) => (value === undefined ? [] : [index]));
    const real = known.reduce((sum, index) => sum + (rest[index] ?? 0), 0);
    const sums = draws.map(([days]) =>
      known.reduce((sum, index) => sum + (days?.[index] ?? 0) - (index > 0 ? (days?.[index - 1] ?? 0) : 0), 0),
    );
    const inside = (share: number) => {
      const { low, high } = interval(sums, share);
      return real >= low && real <= high;
    };
    judged += 1;
    if (inside(0.8)) in80 += 1;
    if (inside(0.95)) in95 += 1;
  }
  return judged === 0 ? undefined : { judged, of80: in80 / judged, of95: in95 / judged };
}
