import { addDays, cycleOf, daysBetween } from "../charges/day.ts";
import type { ChargeTable } from "../charges/table.ts";

/** What a fixed service comes to in a cycle. */
export interface FlatCharge {
  readonly service: string;
  readonly part: "fixed" | "stepwise" | "tax";
  /** In this cycle so far, in the account's currency. */
  readonly charged: number;
  /** In the whole cycle. */
  readonly expected: number;
}

/** Days by which a charge may be later than in the cycle before. */
const LATE_DAYS = 3;

/**
 * What does not depend on use, a line a service: what the last cycle charged, unless this one has charged more. A charge of one
 * day that is overdue is not expected any more. Pure.
 *
 * @param today YYYY-MM-DD
 * @param asOf last day whose charges are known: what is due later is still expected. @default today
 */
export function flatCharges(table: ChargeTable, today: string, cycleDay: number, asOf = today): FlatCharge[] {
  const cycle = cycleOf(today, cycleDay);
  const before = cycleOf(addDays(cycle.from, -1), cycleDay);
  const services = new Map(
    table.series.flatMap(({ part, service }) =>
      part === "fixed" || part === "stepwise" || part === "tax"
        ? [[`${part}|${service}`, { part, service }] as const]
        : [],
    ),
  );
  const days = table.days.filter((day) => day >= before.from && day < cycle.to);
  return [...services.values()].flatMap(({ part, service }): FlatCharge[] => {
    const costs = days.map((day) => ({
      day,
      cost: table.sumOf(day, (one) => one.part === part && one.service === service) ?? 0,
    }));
    const sum = (from: string, to: string) =>
      costs.reduce((all, { day, cost }) => (day >= from && day < to ? all + cost : all), 0);
    const charged = sum(cycle.from, cycle.to);
    const last = sum(before.from, cycle.from);
    const lastDay = costs.findLast(({ day, cost }) => cost !== 0 && day < cycle.from)?.day ?? before.from;
    const due = daysBetween(before.from, lastDay) + LATE_DAYS;
    const overdue = charged === 0 && daysBetween(cycle.from, asOf) > due;
    // Charged on one day a cycle: what came this time holds. Charged daily: the last cycle's sum is still to come.
    const daily = costs.filter(({ day, cost }) => cost !== 0 && day < cycle.from).length > 3;
    const expected = overdue ? 0 : charged !== 0 && !daily ? charged : Math.max(charged, last);
    return charged === 0 && expected === 0 ? [] : [{ part, service, charged, expected }];
  });
}
