import { type Catalog, loadCatalog, type Prices } from "../../../../model/index.ts";

/** The committed catalog: 1500 sites. */
export const CATALOG: Catalog = loadCatalog("catalog");
/** Its price list. */
export const PRICES = CATALOG.prices as Prices;
/** The price list with another account. */
export const withAccount = (more: Partial<Prices["account"]>): Prices => ({
  ...PRICES,
  account: { ...PRICES.account, ...more },
});
