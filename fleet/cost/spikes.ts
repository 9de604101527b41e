import type { Prices } from "../../model/index.ts";
import { addDays, DAY, daysBetween } from "./charges/day.ts";
import type { ChargeTable } from "./charges/table.ts";
import { METHODS, medianOf } from "./forecast/model.ts";
import { completeDays, seriesOf } from "./forecast/series.ts";

/** A day that cost more than expected. */
export interface Spike {
  readonly day: string;
  /** Amounts in the account's currency. */
  readonly cost: number;
  readonly expected: number;
  readonly above: number;
  /** What made it, the largest first, three at most. */
  readonly causes: readonly SpikeCause[];
  /** The last run that ended before the day was over and changed something. @default none is known */
  readonly after?: ChangeRun | undefined;
}

/** A part of a spike. */
interface SpikeCause {
  /** Id and name of the project; empty for the team. */
  readonly project: string;
  readonly name: string;
  readonly product: string;
  readonly region: string;
  readonly above: number;
}

/** A run that changed what is live. */
export interface ChangeRun {
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
  readonly operation: string;
}

/** Days of history before a day is judged. */
const LEAST_DAYS = 28;
/** A project is new for so long: its own days are what is expected of it, and nothing on its first. */
const NEW_DAYS = 28;
/** So many usual deviations above is no chance: about 1 day in 15,000 by a normal distribution. */
const DEVIATIONS = 4;
/** A cause is named from this share of the largest on. */
const CAUSE_SHARE = 0.05;
/** From the median of absolute deviations to a standard deviation. */
const MAD = 1.4826;

/** Options of {@link findSpikes}. */
export interface SpikeOptions {
  /** Ms since 1970. */
  readonly now: number;
  /** Days that are judged, the newest. @default 30 */
  readonly days?: number | undefined;
  /** @default none is known */
  readonly runs?: readonly ChangeRun[];
}

/**
 * Days whose metered cost is above the expected day by more than `budget.spike`, and by more than chance explains. The weekly
 * rhythm and growth are expected; a project is not judged on its first day; what is fixed is not looked at. Pure.
 */
export function findSpikes(
  table: ChargeTable,
  prices: Prices,
  { now, days: judged = 30, runs = [] }: SpikeOptions,
): Spike[] {
  const days = completeDays(table, now);
  const first = days[0];
  if (first === undefined || days.length < LEAST_DAYS) return [];
  const born = firstDays(table, days);
  const old = (project: string, day: string) =>
    daysBetween(born.get(project) ?? first, day) >= NEW_DAYS || born.get(project) === first;
  const total = seriesOf(table, days, ({ part }) => part === "metered");
  const deviations: number[] = [];
  const spikes: Spike[] = [];
  for (const day of days.slice(LEAST_DAYS)) {
    const wanted = daysBetween(day, days.at(-1) ?? day) < judged + 2 * LEAST_DAYS;
    if (!wanted) continue;
    const costs = table.costsOf(day) ?? [];
    const isOld = (project: string) => old(project, day);
    const at = daysBetween(first, day);
    // The usual day of what is not new: forecast from the sum of the same projects on the days before.
    const before = days.filter((one) => one < day && daysBetween(one, day) <= 2 * LEAST_DAYS);
    const mature = seriesOf(table, before, ({ part, project }) => part === "metered" && isOld(project));
    const ahead = daysBetween(before.at(-1) ?? day, day);
    let expected = METHODS["damped-trend"](mature.values, mature.values.length).at(Math.max(1, ahead));
    for (const [project, since] of born) {
      if (isOld(project)) continue;
      const sums = before
        .filter((one) => one >= since)
        .map((one) => table.sumOf(one, (s) => s.part === "metered" && s.project === project) ?? 0);
      expected +=
        sums.length === 0
          ? (table.sumOf(day, (s) => s.part === "metered" && s.project === project) ?? 0)
          : medianOf(sums);
    }
    const cost = total.values[at] ?? 0;
    const above = cost - expected;
    const usual = MAD * medianOf(deviations.map(Math.abs));
    deviations.push(above);
    const isJudged = daysBetween(day, days.at(-1) ?? day) < judged;
    if (!isJudged || above <= prices.budget.spike || above <= DEVIATIONS * usual) continue;
    const end = table.endOf(day) || Date.parse(`${day}T00:00:00Z`) + DAY;
    const after = runs.filter((run) => Date.parse(run.at) < end).sort((a, b) => (a.at < b.at ? 1 : -1))[0];
    spikes.push({ day, cost, expected, above, causes: causesOf(table, day, costs, born), after });
  }
  return spikes;
}

/** The first day of each project. */
function firstDays(table: ChargeTable, days: readonly string[]): Map<string, string> {
  const born = new Map<string, string>();
  for (const day of days)
    for (const [index, cost] of (table.costsOf(day) ?? []).entries()) {
      const { project, part } = table.series[index] ?? { project: "", part: "fixed" };
      if (cost !== undefined && part === "metered" && !born.has(project)) born.set(project, day);
    }
  return born;
}

/** The series that are above their own usual day: the median of the same weekday over four weeks. */
function causesOf(
  table: ChargeTable,
  day: string,
  costs: readonly (number | undefined)[],
  born: ReadonlyMap<string, string>,
): SpikeCause[] {
  const earlier = [7, 14, 21, 28].map((back) => table.costsOf(addDays(day, -back))).filter((one) => one !== undefined);
  if (earlier.length === 0) return [];
  return costs
    .flatMap((cost = 0, index): SpikeCause[] => {
      const series = table.series[index];
      if (series?.part !== "metered" || born.get(series.project) === day) return [];
      const above = cost - medianOf(earlier.map((row) => row[index] ?? 0));
      const { project, service, region } = series;
      return [{ project, name: table.names.get(project) ?? "", product: service, region, above }];
    })
    .sort((a, b) => b.above - a.above)
    .slice(0, 3)
    .filter(({ above }, _, [first]) => above >= CAUSE_SHARE * (first?.above ?? 0));
}
