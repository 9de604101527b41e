import type { Driver, Prices } from "../../../model/index.ts";
import { addDays, cycleOf, dateOf, daysBetween } from "../charges/day.ts";
import type { ChargeTable, Series } from "../charges/table.ts";
import { convert } from "../money.ts";
import { chooseMethod } from "./backtest.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { type FlatCharge, flatCharges } from "./flat.ts";
import { type CoveringTier, coveringTier, isCovered, tierSince } from "./groups.ts";
import { METHODS, type Method, medianOf } from "./model.ts";
import { completeDays, type DaySeries, dayAt, seriesOf } from "./series.ts";
import { type Forecastable, interval, simulate } from "./simulate.ts";

/** Complete days that a forecast needs; with fewer there is only a range from the price list. */
const LEAST_DAYS = 14;

/** A sum with its intervals. */
interface Spread {
  readonly expected: number;
  readonly low80: number;
  readonly high80: number;
  readonly low95: number;
  readonly high95: number;
}

/** What the billing cycle will come to; amounts in the account's currency. */
export interface Forecast {
  readonly kind: "forecast";
  readonly currency: string;
  /** `to` is the first day of the next cycle. */
  readonly cycle: { readonly from: string; readonly to: string };
  /** The last day whose charges are complete. */
  readonly asOf: string;
  /** Complete days that were learned from. */
  readonly history: number;
  /** Days of the cycle without any charge: they are reckoned like days to come. */
  readonly missing: readonly string[];
  readonly method: Method;
  /** Each method's error in the backtest: a share of a day's cost. */
  readonly errors: Readonly<Record<Method, number>>;
  /** How often past intervals held; undefined with too little history. */
  readonly coverage: Coverage | undefined;
  readonly flat: readonly FlatCharge[];
  readonly metered: { readonly charged: number; readonly expected: number };
  /** What is taken off metered cost in a cycle. */
  readonly credit: number;
  readonly total: Spread;
  /** Chance that the cycle's cost passes a limit. */
  readonly limits: readonly { readonly name: string; readonly limit: number; readonly chance: number }[];
  /** Chance that the cycle's use passes a tier, so that the next cycle begins in a larger one. */
  readonly tiers: readonly { readonly tier: string; readonly monthly: number; readonly chance: number }[];
  /** The cost since the cycle's beginning, by day: known, then forecast. */
  readonly days: readonly ({ readonly day: string; readonly known: boolean } & Spread)[];
  /** Lines of the charges could not be used: the sums are without them. */
  readonly incomplete: boolean;
}

/** Options of {@link forecastCycle}. */
export interface ForecastOptions {
  /** Ms since 1970. */
  readonly now: number;
  /** A further limit in the account's currency. @default none */
  readonly limit?: number | undefined;
  /** @default 1 */
  readonly seed?: number;
}

/**
 * What the billing cycle will come to: what is fixed, the tier, and what is metered, each in its own way. Undefined with fewer than
 * {@link LEAST_DAYS} complete days. Pure.
 */
export function forecastCycle(table: ChargeTable, prices: Prices, options: ForecastOptions): Forecast | undefined {
  const days = completeDays(table, options.now);
  const asOf = days.at(-1);
  if (days.length < LEAST_DAYS || asOf === undefined) return undefined;
  const today = dateOf(options.now);
  const { account, budget } = prices;
  const cycle = cycleOf(today, account.cycleDay);
  const tier = coveringTier(prices, today);
  const series = meteredSeries(table, days, tier);
  const cost = summed(series);
  const { chosen, all } = chooseMethod(cost.values);
  const credit = creditOf(table, prices, cycle, today);
  const flat = flatCharges(table, today, account.cycleDay, asOf);
  const flatExpected = flat.reduce((sum, { expected }) => sum + expected, 0);
  const known = knownDays(cost, cycle, asOf, chosen.method);
  // A cycle that begins after the last complete day: the days between are forecast and not counted.
  const skipped = Math.max(0, daysBetween(asOf, cycle.from) - 1);
  const ahead = daysBetween(asOf, cycle.to) - 1;
  const quantities = tier ? tierQuantities(table, days, tier) : [];
  const forecastable: Forecastable[] = [
    { values: cost.values, trials: chosen },
    ...quantities.map(({ values }) => ({ values: values.values, trials: chooseMethod(values.values).chosen })),
  ];
  const draws = simulate(forecastable, ahead, options.seed);
  const restOf = (draw: Float64Array[], index: number, day: number) =>
    (draw[index]?.[day] ?? 0) - (skipped > 0 ? (draw[index]?.[skipped - 1] ?? 0) : 0);
  const meteredKnown = known.sum;
  const totalAt = (draw: Float64Array[], day: number) =>
    flatExpected + Math.max(0, meteredKnown + restOf(draw, 0, day) - credit);
  const totals = draws.map((draw) =>
    ahead > 0 ? totalAt(draw, ahead - 1) : flatExpected + Math.max(0, meteredKnown - credit),
  );
  const metered = ahead > 0 ? medianOf(draws.map((draw) => meteredKnown + restOf(draw, 0, ahead - 1))) : meteredKnown;
  const limits = [
    { name: "approval", limit: budget.approval },
    { name: "target", limit: budget.target },
    ...(options.limit === undefined ? [] : [{ name: "limit", limit: options.limit }]),
  ];
  return {
    kind: "forecast",
    currency: table.currency,
    cycle,
    asOf,
    history: days.length,
    missing: known.missing,
    method: chosen.method,
    errors: Object.fromEntries(all.map(({ method, error }) => [method, error])) as Record<Method, number>,
    coverage: coverageOf(cost.values, chosen),
    flat,
    metered: { charged: known.charged, expected: metered },
    credit,
    total: spreadOf(totals),
    limits: limits.map(({ name, limit }) => ({ name, limit, chance: share(totals, (total) => total > limit) })),
    tiers: tier ? tierChances(tier, quantities, draws, { cycle, asOf, ahead, skipped, prices, today }) : [],
    days: [
      ...known.days.map(({ day, sum }) => ({ day, known: true, ...certain(flatExpected + Math.max(0, sum - credit)) })),
      ...Array.from({ length: Math.max(0, ahead - skipped) }, (_, index) => ({
        day: addDays(asOf, skipped + index + 1),
        known: false,
        ...spreadOf(draws.map((draw) => totalAt(draw, skipped + index))),
      })),
    ],
    incomplete: table.refused > 0,
  };
}

/** Metered cost in two series: what a tier covers is learned from the days since it has covered it. */
function meteredSeries(table: ChargeTable, days: readonly string[], tier: CoveringTier | undefined): DaySeries[] {
  const rest = seriesOf(table, days, (one) => one.part === "metered" && !isCovered(tier, one));
  if (tier === undefined) return [rest];
  const since = tierSince(table, days) ?? "";
  const covered = seriesOf(table, days, (one) => one.part === "metered" && isCovered(tier, one));
  return [
    rest,
    { ...covered, values: covered.values.map((value, index) => (dayAt(covered, index) < since ? 0 : value)) },
  ];
}

const summed = (series: readonly DaySeries[]): DaySeries => ({
  first: series[0]?.first ?? "1970-01-01",
  values: (series[0]?.values ?? []).map((value, index) =>
    value === undefined ? undefined : series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  ),
});

/** The cycle's complete days; a missing one is reckoned as the method would have forecast it. */
function knownDays(cost: DaySeries, cycle: Forecast["cycle"], asOf: string, method: Method) {
  const missing: string[] = [];
  const days: { day: string; sum: number }[] = [];
  let sum = 0;
  let charged = 0;
  for (let day = cycle.from; day <= asOf && day < cycle.to; day = addDays(day, 1)) {
    const at = daysBetween(cost.first, day);
    const value = cost.values[at];
    if (value === undefined) missing.push(day);
    charged += value ?? 0;
    sum += value ?? METHODS[method](cost.values, Math.max(0, at)).at(1);
    days.push({ day, sum });
  }
  return { days, sum, charged, missing };
}

/** Use that counts against the tiers, a series a driver. */
function tierQuantities(table: ChargeTable, days: readonly string[], { services }: CoveringTier) {
  return [...services].flatMap(([driver, names]) => {
    const values = seriesOf(
      table,
      days,
      ({ service, part }: Series) => part === "metered" && names.has(service),
      "quantity",
    );
    return values.values.some((value) => (value ?? 0) > 0) ? [{ driver, values }] : [];
  });
}

interface TierOptions {
  readonly cycle: Forecast["cycle"];
  readonly asOf: string;
  readonly ahead: number;
  readonly skipped: number;
  readonly prices: Prices;
  readonly today: string;
}

function tierChances(
  tier: CoveringTier,
  quantities: readonly { readonly driver: Driver; readonly values: DaySeries }[],
  draws: readonly Float64Array[][],
  { cycle, asOf, ahead, skipped, prices, today }: TierOptions,
): Forecast["tiers"] {
  const used = quantities.map(({ values }) => knownDays(values, cycle, asOf, "naive-median").sum);
  return tier.tiers.map(({ name, amount, includes }) => ({
    tier: name,
    monthly: convert(amount, tier.currency, prices.account.currency, today, prices.rates),
    chance: share(draws, (draw) =>
      quantities.some(({ driver }, index) => {
        const sums = draw[index + 1];
        const more = ahead > 0 ? (sums?.[ahead - 1] ?? 0) - (skipped > 0 ? (sums?.[skipped - 1] ?? 0) : 0) : 0;
        return (used[index] ?? 0) + more > (includes[driver] ?? Number.POSITIVE_INFINITY);
      }),
    ),
  }));
}

/** What was credited in this cycle; before that, what the price list promises. */
function creditOf(table: ChargeTable, prices: Prices, cycle: Forecast["cycle"], today: string): number {
  const credited = table.days
    .filter((day) => day >= cycle.from && day < cycle.to)
    .reduce((sum, day) => sum - (table.sumOf(day, ({ part }) => part === "credit") ?? 0), 0);
  if (credited > 0) return credited;
  return prices.prices.reduce((sum, price) => {
    if (price.kind !== "fixed" || price.credit === 0 || price.effectiveFrom > today) return sum;
    return Math.max(sum, convert(price.credit, price.currency, table.currency, today, prices.rates));
  }, 0);
}

const share = <Item>(items: readonly Item[], fits: (item: Item) => boolean): number =>
  items.length === 0 ? 0 : items.filter(fits).length / items.length;

function spreadOf(values: readonly number[]): Spread {
  const [eighty, most] = [interval(values, 0.8), interval(values, 0.95)];
  return { expected: medianOf(values), low80: eighty.low, high80: eighty.high, low95: most.low, high95: most.high };
}

const certain = (expected: number): Spread => ({
  expected,
  low80: expected,
  high80: expected,
  low95: expected,
  high95: expected,
});
