import { addDays, DAY, daysBetween } from "../charges/day.ts";
import type { ChargeTable, Series } from "../charges/table.ts";

/** After the end of a day its charges are taken for complete: the last one or two days are still filled up at the vendor. */
const FINAL_AFTER_MS = DAY;

/** A figure a day; a day without any charge is undefined and never 0. */
export interface DaySeries {
  /** YYYY-MM-DD of the first value. */
  readonly first: string;
  readonly values: readonly (number | undefined)[];
}

/** Days whose charges are complete, in order. Pure. @param now ms since 1970 */
export const completeDays = (table: ChargeTable, now: number): string[] =>
  table.days.filter((day) => table.endOf(day) + FINAL_AFTER_MS <= now);

/** What fits, summed up for each of the given days. Pure. @param days in order */
export function seriesOf(
  table: ChargeTable,
  days: readonly string[],
  fits: (series: Series) => boolean,
  what: "cost" | "quantity" = "cost",
): DaySeries {
  const [first = "1970-01-01"] = days;
  const length = days.length === 0 ? 0 : daysBetween(first, days.at(-1) ?? first) + 1;
  const values = new Array<number | undefined>(length).fill(undefined);
  const wanted = new Set(table.series.flatMap((series, index) => (fits(series) ? [index] : [])));
  for (const day of days) {
    const row = what === "cost" ? table.costsOf(day) : table.quantitiesOf(day);
    let sum = 0;
    for (const index of wanted) sum += row?.[index] ?? 0;
    values[daysBetween(first, day)] = sum;
  }
  return { first, values };
}

/** The day of a place in a series. Pure. */
export const dayAt = ({ first }: DaySeries, index: number): string => addDays(first, index);
