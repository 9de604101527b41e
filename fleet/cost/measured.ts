import type { Driver, Prices } from "../../model/index.ts";
import type { ChargeTable } from "./charges/table.ts";
import { buildUnits } from "./estimate.ts";
import { completeDays } from "./forecast/series.ts";
import type { Measured } from "./usage.ts";

/** Complete days that a month's use is taken from. */
const DAYS = 28;
/** Days of a month, on average. */
const MONTH = 365.25 / 12;

/**
 * A month's use of each project by its charges of the last four weeks, by the project's name. What the price list does not name is
 * left out. Empty with fewer than two weeks. Pure.
 */
export function measuredUse(table: ChargeTable, prices: Prices, now: number): Measured {
  const days = completeDays(table, now).slice(-DAYS);
  const found = new Map<string, Partial<Record<Driver, number>>>();
  if (days.length < DAYS / 2) return found;
  const drivers = new Map(
    prices.prices.flatMap((price) =>
      price.kind === "metered" ? price.services.map((name) => [name, price.driver] as const) : [],
    ),
  );
  for (const day of days) {
    for (const [index, quantity = 0] of (table.quantitiesOf(day) ?? []).entries()) {
      const { service, project } = table.series[index] ?? { service: "", project: "" };
      const driver = drivers.get(service);
      if (driver === undefined || project === "") continue;
      const name = table.names.get(project) ?? project;
      const use = found.get(name) ?? {};
      found.set(name, use);
      // Charges count CPU-minutes; the estimate counts builds.
      const amount = driver === "builds" ? quantity / buildUnits(prices.account) : quantity;
      use[driver] = (use[driver] ?? 0) + (amount * MONTH) / days.length;
    }
  }
  return found;
}
