import {
  adviceFor,
  ChargeTable,
  dateOf,
  estimate,
  forecastCycle,
  money,
  type PriceRange,
  priceRange,
  projectsOf,
} from "../../fleet/cost/index.ts";
import { type Overview, type SiteDetail, unknown } from "../../fleet/overview/index.ts";
import type { Catalog, Prices } from "../../model/index.ts";
import { chargesIfKept, recentUse } from "../cost/estate.ts";
import { failureOf } from "../kit/failure.ts";

/** What the month costs with its interval, and how it could cost less. What cannot be told says why. */
export async function costNow(
  catalog: Catalog,
  now: number,
): Promise<{ readonly cost: Overview["cost"]; readonly savings: Overview["advice"] }> {
  const { prices } = catalog;
  if (prices === undefined) return { cost: unknown("the catalog has no price list (prices.yaml)"), savings: [] };
  try {
    const table = await chargesIfKept(prices);
    const savings = adviceFor(catalog, prices, { on: dateOf(now), now, table }).map(({ saving, why, change }) => ({
      says: `${change}: saves ${money(saving, prices.account.currency)} a month`,
      because: why,
      command: "sitefleet cost advice",
    }));
    return { cost: ofForecast(catalog, prices, table ?? new ChargeTable(prices), now), savings };
  } catch (error) {
    return { cost: unknown(failureOf(error).message, "sitefleet cost forecast"), savings: [] };
  }
}

function ofForecast(catalog: Catalog, prices: Prices, table: ChargeTable, now: number): Overview["cost"] {
  const forecast = forecastCycle(table, prices, { now });
  const budget = prices.budget.target;
  if (forecast === undefined) return ofRange(priceRange(catalog, prices, dateOf(now), 0), budget);
  const { currency, total, asOf, days } = forecast;
  return {
    known: true,
    ...{
      currency,
      basis: "charges",
      budget,
      asOf,
      dependsOn: forecast.incomplete ? ["charges that could not be read"] : [],
    },
    ...{ expected: total.expected, low: total.low80, high: total.high80 },
    interval: "80 % interval of the billing cycle",
    days: days.map(({ day, known, expected, low80, high80 }) => ({ day, known, expected, low: low80, high: high80 })),
  };
}

const ofRange = ({ currency, low, high, dependsOn }: PriceRange, budget: number): Overview["cost"] => ({
  known: true,
  ...{ currency, basis: "prices", budget, low, high, dependsOn: [...dependsOn], days: [] },
  interval: "from the price list alone: no charges are kept (sitefleet cost charges --fetch)",
});

/** What a site's project costs a month; undefined where the catalog has no such site. */
export async function siteCost(
  catalog: Catalog | undefined,
  host: string,
  now: number,
): Promise<Extract<SiteDetail, { known: true }>["cost"] | undefined> {
  const { prices } = catalog ?? {};
  if (catalog === undefined || prices === undefined) return undefined;
  const owner = projectsOf(catalog).find(({ hosts }) => hosts.some((one) => one.host === host));
  if (owner === undefined) return undefined;
  try {
    const { projects, currency } = estimate(catalog, prices, {
      on: dateOf(now),
      useOf: await recentUse(catalog, prices, now),
    });
    const share = projects.find(({ project }) => project.name === owner.name);
    if (share === undefined) return unknown("it is no project of the estimate");
    const depends = share.dependsOn.length > 0 ? `at least; it depends on ${share.dependsOn.join(", ")}` : "estimated";
    const note = owner.hosts.length > 1 ? `${depends}, of a project that ${owner.hosts.length} hosts share` : depends;
    return { known: true, project: owner.name, monthly: Math.round(share.amount * 100) / 100, currency, note };
  } catch (error) {
    return unknown(failureOf(error).message, "sitefleet cost");
  }
}
