import { ChargeTable } from "../../../../fleet/cost/charges/table.ts";
import { type HistoryOptions, historyOf } from "../../../../sandbox/vercel/usage/history.ts";
import { PRICES } from "./support.ts";

/** Noon of 29 November 2026. */
export const NOW = Date.UTC(2026, 10, 29, 12);

/** The sandbox's history: 18 months with everything in it. */
export const history = (more: Partial<HistoryOptions> = {}): HistoryOptions => ({
  months: 18,
  seed: 1,
  boundary: "utc",
  dollarsPerDay: 8,
  spike: { daysAgo: 9, dollars: 40 },
  flatRateMonthsAgo: 4,
  now: NOW,
  // Few, so that tests are fast; the sandbox makes up twelve.
  projects: ["one", "two", "three", "four", "five"].map((name) => ({ id: `prj_${name}`, name })),
  ...more,
});

/** Its lines. */
function* linesOfHistory(options: HistoryOptions, from = 0): Generator<string> {
  for (const rows of historyOf(options, from, options.now)) for (const row of rows) yield JSON.stringify(row);
}

/** The table of a history. */
export function tableOfHistory(more: Partial<HistoryOptions> = {}, prices = PRICES): ChargeTable {
  const table = new ChargeTable(prices);
  for (const line of linesOfHistory(history(more))) table.read(line);
  return table;
}
