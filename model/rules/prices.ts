import type { Draft } from "../draft.ts";
import { type Report, show } from "../problem.ts";

/** Prices are unambiguous or marked as disputed, and everything that is used has a price and a rate. */
export function priceRules({ prices }: Draft, report: Report): void {
  if (prices === undefined) return;
  const { account, rates, prices: all } = prices.value;
  const seen = new Map<string, number>();
  for (const [index, price] of all.entries()) {
    const at = (field: string) => prices.at("prices", index, field);
    if (!price.id.startsWith(`${price.vendor}.`)) {
      report(
        "price.unique",
        at("id"),
        `${price.id} is not of vendor ${price.vendor}`,
        `an id that begins with "${price.vendor}."`,
      );
    }
    if (!hasRate(prices.value, price.currency)) {
      report("price.rate", at("currency"), `${price.currency} has no rate to ${account.currency}`, "a row of rates");
    }
    if (price.kind === "stepwise")
      stepRules(price.tiers, (step) => prices.at("prices", index, "tiers", step, "includes"), report);
    const key = [
      price.id,
      price.region,
      price.plan,
      price.effectiveFrom,
      price.kind === "fixed" ? price.when : "",
    ].join(" ");
    const first = seen.get(key);
    const other = first === undefined ? undefined : all[first];
    if (first === undefined) seen.set(key, index);
    else if (other?.confidence !== "?" || price.confidence !== "?" || other.source === price.source) {
      report(
        "price.unique",
        at("id"),
        `${price.id} stands a second time for one date, first in line ${prices.at("prices", first, "id").line}`,
        'one of them; or both with confidence "?" and their own source',
      );
    }
  }
  const tiers = all.flatMap((price) => (price.kind === "stepwise" ? price.tiers.map(({ name }) => name) : []));
  if (account.cdn === "flat" && tiers.length === 0)
    report("price.account", prices.at("account", "cdn"), "flat has no stepwise price", "a price of kind stepwise");
  if (account.tier !== undefined && !tiers.includes(account.tier))
    report(
      "price.account",
      prices.at("account", "tier"),
      `${show(account.tier)} is no tier`,
      tiers.join(", ") || "no tier",
    );
  const extras = all.flatMap((price) => (price.kind === "fixed" && price.when ? [price.when] : []));
  for (const [index, extra] of account.extras.entries()) {
    if (extras.includes(extra)) continue;
    report(
      "price.account",
      prices.at("account", "extras", index),
      `${show(extra)} has no price`,
      extras.join(", ") || "none",
    );
  }
  const dates = new Set<string>();
  for (const [index, { from, to, on }] of rates.entries()) {
    const key = `${from} ${to} ${on}`;
    if (dates.has(key)) report("price.rate", prices.at("rates", index, "on"), `${key} stands twice`, "one rate a day");
    dates.add(key);
  }
}

/** Every tier covers more than the one before. */
function stepRules(
  tiers: readonly { readonly includes: Readonly<Record<string, number | undefined>> }[],
  at: (index: number) => Parameters<Report>[1],
  report: Report,
): void {
  for (const [index, { includes }] of tiers.entries()) {
    const before = tiers[index - 1]?.includes ?? {};
    const less = Object.keys(before).find((driver) => (includes[driver] ?? 0) < (before[driver] ?? 0));
    if (less) report("price.account", at(index), `covers fewer ${less} than the tier before`, "tiers that grow");
  }
}

const hasRate = (
  { account, rates }: { account: { currency: string }; rates: readonly { from: string; to: string }[] },
  currency: string,
) =>
  currency === account.currency ||
  rates.some(
    ({ from, to }) => (from === currency && to === account.currency) || (to === currency && from === account.currency),
  );
