import type { Catalog, Prices } from "../../model/index.ts";
import { type Estimate, estimate } from "./estimate.ts";

/** A range from the price list, where there is too little history for a forecast. */
export interface PriceRange {
  readonly kind: "range";
  readonly currency: string;
  /** Days of history that there are. */
  readonly history: number;
  /** A month by the cheapest and by the dearest region, for the use that is assumed. */
  readonly low: number;
  readonly high: number;
  /** Drivers whose use is not known: it can be more. */
  readonly dependsOn: Estimate["dependsOn"];
}

/** What a month may cost by the price list alone. Pure. @param on YYYY-MM-DD */
export function priceRange(
  catalog: Pick<Catalog, "sites" | "zones">,
  prices: Prices,
  on: string,
  history: number,
): PriceRange {
  const everywhere = { ...prices, account: { ...prices.account, region: "any" } };
  const dearest = everywhere.prices.map((price) =>
    price.kind === "metered" ? { ...price, amount: price.highest ?? price.amount } : price,
  );
  const [low, high] = [
    estimate(catalog, everywhere, { on }),
    estimate(catalog, { ...everywhere, prices: dearest }, { on }),
  ];
  return { kind: "range", currency: low.currency, history, low: low.total, high: high.total, dependsOn: low.dependsOn };
}
