import type { Catalog, Prices } from "../../model/index.ts";
import { buildUnits, estimate, tierOf } from "./estimate.ts";
import { convert, money } from "./money.ts";
import { pricesOn } from "./price.ts";
import { projectsOf } from "./projects.ts";

/** One thing that a budget has to pay for, or leave out. */
interface TargetItem {
  readonly what: string;
  /** In the account's currency; undefined = it depends on use that is not known. */
  readonly amount: number | undefined;
  readonly note: string;
}

/** What a month's budget would need. */
export interface TargetAnswer {
  readonly budget: number;
  readonly currency: string;
  readonly sites: number;
  readonly projects: number;
  readonly items: readonly TargetItem[];
  /** What is left of the budget after what is certain; below 0 it cannot be met. */
  readonly left: number;
  /** What must hold for the budget to be enough, one sentence each. */
  readonly needs: readonly string[];
  readonly possible: boolean;
}

/** What a month's budget would need, item by item. Pure. @param budget in the account's currency @param on YYYY-MM-DD */
export function targetAnswer(
  catalog: Pick<Catalog, "sites" | "zones">,
  prices: Prices,
  { budget = prices.budget.target, on }: { readonly budget?: number | undefined; readonly on: string },
): TargetAnswer {
  const { account, rates } = prices;
  const toAccount = (amount: number, currency: string) => convert(amount, currency, account.currency, on, rates);
  const { lines } = estimate(catalog, prices, { on });
  const certain = lines.filter(({ part }) => part === "fixed" || part === "stepwise");
  const items: TargetItem[] = certain.map(({ what, amount = 0, quantity, unit, currency, note }) => ({
    what,
    amount: toAccount(amount, currency),
    note: note ?? `${quantity} x ${unit}`,
  }));
  const projects = projectsOf(catalog).length;
  const left = budget - items.reduce((sum, { amount = 0 }) => sum + amount, 0);
  const rows = [...pricesOn(prices, on).values()].flat();
  const credit = rows.reduce(
    (sum, row) => sum + (row.kind === "fixed" && row.unit === "team" ? toAccount(row.credit, row.currency) : 0),
    0,
  );
  const forUse = Math.max(0, left) + credit;
  const needs: string[] = [];
  if (left < 0) needs.push(`what is fixed costs ${money(-left, account.currency)} more than the budget: no use fits`);
  for (const row of rows) {
    if (row.kind !== "metered" || row.driver !== "builds") continue;
    const each = toAccount((row.amount * buildUnits(account)) / row.quantity, row.currency);
    items.push({
      what: "All projects built once",
      amount: each * projects,
      note: `${projects} builds at ${each.toFixed(4)} ${account.currency}`,
    });
    if (left < 0) continue;
    const times = Math.floor((forUse / (each * projects)) * 100) / 100;
    needs.push(
      `at most ${Math.floor(forUse / each)} builds a month (${times} of all ${projects} projects), if nothing else is metered: ${money(left, account.currency)} are left and ${money(credit, account.currency)} are credit`,
    );
  }
  const tier = rows.find((row) => row.kind === "stepwise");
  if (account.cdn === "flat" && tier?.kind === "stepwise") {
    const { name, includes } = tierOf(tier, prices) ?? { name: "?", includes: {} };
    const { requests = 0, transfer = 0 } = includes;
    const sites = Math.max(1, catalog.sites.length);
    needs.push(
      `at most ${requests} requests (${Math.floor(requests / sites)} a site) and ${transfer} GB a month, so that the tier ${name} is enough`,
    );
  }
  for (const { what, driver, amount, currency, unknown } of lines.filter(({ part }) => part === "metered")) {
    if (driver === "builds") continue;
    const known = amount === undefined ? undefined : toAccount(amount, currency);
    items.push({ what, amount: known, note: unknown > 0 ? `depends on use (${driver})` : "as assumed" });
  }
  return {
    budget,
    currency: account.currency,
    sites: catalog.sites.length,
    projects,
    items,
    left,
    needs,
    possible: left >= 0,
  };
}
