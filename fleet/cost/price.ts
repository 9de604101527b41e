import type { Price, Prices } from "../../model/index.ts";

/** What of the account decides which row holds. */
interface Where {
  /** YYYY-MM-DD */
  readonly on: string;
  readonly plan: string;
  readonly region: string;
}

/**
 * The rows of each price that hold on a day, by id: the newest of the account's region and plan, else of all. More than one row
 * when two sources disagree. Pure.
 */
export function pricesOn(prices: Prices, on: string): Map<string, Price[]> {
  const where = { on, plan: prices.account.plan, region: prices.account.region };
  const byId = Map.groupBy(
    prices.prices.filter((price) => holds(price, where)),
    keyOf,
  );
  return new Map([...byId].map(([id, rows]) => [id, best(rows, where)]));
}

/** A fixed price for each of several plans of a zone is a price of its own. */
const keyOf = (price: Price): string =>
  price.kind === "fixed" && price.when !== undefined ? `${price.id} ${price.when}` : price.id;

const holds = (price: Price, { on, plan, region }: Where): boolean =>
  price.effectiveFrom <= on &&
  (price.plan === "any" || price.plan === plan) &&
  (price.region === "any" || price.region === region);

function best(rows: readonly Price[], { plan, region }: Where): Price[] {
  const rank = (price: Price) =>
    `${Number(price.region === region)}${Number(price.plan === plan)}${price.effectiveFrom}`;
  const most = rows.map(rank).reduce((a, b) => (a > b ? a : b));
  return rows.filter((row) => rank(row) === most);
}

/** Of rows that disagree the one that comes to most. Pure. */
export function dearest<Row>(rows: readonly Row[], costOf: (row: Row) => number): Row {
  return rows.reduce((most, row) => (costOf(row) > costOf(most) ? row : most));
}
