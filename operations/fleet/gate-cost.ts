import { dateOf, estimate, money } from "../../fleet/cost/index.ts";
import type { Figure, GatePolicy } from "../../fleet/gates/index.ts";
import type { Catalog } from "../../model/index.ts";
import { recentUse } from "../cost/estate.ts";
import { failureOf } from "../kit/failure.ts";

/** The source that is ours: prices.yaml over what is declared, with the use that charges have shown. */
const PRICES = "prices";

/**
 * What the account would cost a month with all that is declared: the figure of the rule `cost`. Undefined where no such source is
 * named. Never rejects: what cannot be reckoned is not known, and the rule says what holds then.
 */
export async function costFigure(
  { now, before }: Pick<GatePolicy, "now" | "before">,
  catalog: Catalog,
  at: number,
): Promise<Figure | undefined> {
  if (![now, before].some((gates) => gates?.rules.cost.source === PRICES)) return undefined;
  const { prices } = catalog;
  if (prices === undefined) return { unknown: "there is no prices.yaml" };
  if (prices.account.currency !== "EUR") return { unknown: `the account is in ${prices.account.currency}` };
  try {
    const useOf = await recentUse(catalog, prices, at);
    const { total, dependsOn } = estimate(catalog, prices, { on: dateOf(at), useOf });
    const limit = Math.min(...[now, before].flatMap((gates) => gates?.rules.cost.eurosPerMonth ?? []));
    // Below the limit what is not known decides; above it nothing does.
    if (dependsOn.length === 0 || total > limit) return { value: total };
    return { unknown: `at least ${money(total, "EUR")}; the rest depends on use: ${dependsOn.join(", ")}` };
  } catch (error) {
    return { unknown: failureOf(error).message };
  }
}
