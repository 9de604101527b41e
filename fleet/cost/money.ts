import { SitefleetError } from "../../errors/index.ts";
import type { Prices } from "../../model/index.ts";

/** Exchange rates, dated. */
export type Rates = Prices["rates"];

/**
 * An amount in another currency, by the newest rate that is not later than the day. Pure.
 *
 * @param on YYYY-MM-DD
 * @throws SitefleetError `cost.currency` when no rate holds on that day
 */
export function convert(amount: number, from: string, to: string, on: string, rates: Rates): number {
  const rate = rateOf(from, to, on, rates);
  if (rate !== undefined) return amount * rate;
  throw new SitefleetError({
    code: "cost.currency",
    message: `no rate leads from ${from} to ${to} on ${on}`,
    subject: from,
    hint: "add a dated row to rates in prices.yaml",
  });
}

/** The rate of a day; undefined when there is none. Pure. */
export function rateOf(from: string, to: string, on: string, rates: Rates): number | undefined {
  if (from === to) return 1;
  let found: { on: string; rate: number } | undefined;
  for (const row of rates) {
    if (row.on > on || (found !== undefined && row.on <= found.on)) continue;
    if (row.from === from && row.to === to) found = { on: row.on, rate: row.rate };
    else if (row.from === to && row.to === from) found = { on: row.on, rate: 1 / row.rate };
  }
  return found?.rate;
}

const SIGNS: Readonly<Record<string, string>> = { USD: "$", EUR: "€", GBP: "£" };

/** `$29.15`, `−€0.50`, `CHF 3.00`: two decimals, or four where less than a cent would show as nothing. Pure. */
export function money(amount: number, currency: string): string {
  const sign = SIGNS[currency] ?? `${currency} `;
  const size = Math.abs(amount);
  const digits = size >= 0.00005 && size < 0.01 ? 4 : 2;
  return `${amount < 0 && size.toFixed(digits) !== (0).toFixed(digits) ? "-" : ""}${sign}${size.toFixed(digits)}`;
}
