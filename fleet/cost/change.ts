import { COMPONENT_COSTS } from "../../components/costs.ts";
import type { Prices } from "../../model/index.ts";
import { HOSTING } from "../../vendors/index.ts";
import type { ChangeSet } from "../change-set/index.ts";
import { buildUnits, costOfUse } from "./estimate.ts";
import { convert, money } from "./money.ts";
import { dearest, pricesOn } from "./price.ts";

/** What a change set costs. */
export type ChangeCost = NonNullable<ChangeSet["cost"]>;

/** What of a change its cost depends on. */
type CostedChange = Pick<ChangeSet["changes"][number], "stack" | "op" | "type" | "name" | "component" | "diffs">;

/**
 * What carrying out these changes costs once, and what they add a month. Every release that goes live is taken to be built: one
 * that was built before costs less. Pure.
 *
 * @param on YYYY-MM-DD: the prices of this day
 */
export function costOfChanges(changes: readonly CostedChange[], prices: Prices, on: string): ChangeCost {
  const { account, rates } = prices;
  const rows = [...pricesOn(prices, on).values()];
  const builds = new Set(changes.filter(isBuild).map(({ stack, name }) => `${stack} ${name}`)).size;
  const project = HOSTING.type("project");
  const real = changes.filter(({ type, component }) => type === project && !component);
  const projects = real.filter(({ op }) => op === "create").length - real.filter(({ op }) => op === "delete").length;
  const fixed = rows.flatMap(([price]) =>
    price?.kind === "fixed" && price.unit === "project" && price.when && account.extras.includes(price.when)
      ? [price]
      : [],
  );
  const monthly = projects * fixed.reduce((sum, price) => sum + inAccount(price.amount, price.currency), 0);
  const build = rows.find(([price]) => price?.kind === "metered" && price.driver === "builds");
  const priced = build?.flatMap((price) => (price.kind === "metered" ? [price] : [])) ?? [];
  const units = builds * buildUnits(account);
  const price = priced.length > 0 ? dearest(priced, (row) => costOfUse(row, units)) : undefined;
  const amount = builds === 0 ? 0 : price && costOfUse({ ...price, included: 0 }, units);
  const dependsOn = [
    ...(amount === undefined ? ["builds"] : []),
    ...(projects > 0 ? COMPONENT_COSTS.own.drivers.filter((driver) => driver !== "builds") : []),
  ];
  const currency = price?.currency ?? account.currency;
  return {
    builds,
    amount,
    currency,
    inAccount: amount === undefined ? undefined : { amount: inAccount(amount, currency), currency: account.currency },
    monthly: { projects, amount: monthly, currency: account.currency },
    dependsOn,
    on,
    sentences: [...buildWords(), ...monthWords()],
  };

  function inAccount(value: number, from: string) {
    return convert(value, from, account.currency, on, rates);
  }

  function buildWords(): string[] {
    if (builds === 0) return [];
    const what = `this release builds ${builds} ${builds === 1 ? "project" : "projects"}`;
    if (price === undefined || amount === undefined)
      return [`${what}: the cost depends on use (builds), which has no price`];
    const each = `${Math.ceil(account.buildMinutes)} min x ${account.buildCpus} CPUs a build, ${money(price.amount, currency)} a CPU-minute`;
    return [`${what}: about ${money(amount, currency)} at ${each}`];
  }

  function monthWords(): string[] {
    if (projects === 0) return [];
    const what = `${Math.abs(projects)} ${projects > 0 ? "more" : "fewer"} ${Math.abs(projects) === 1 ? "project" : "projects"}`;
    const known = monthly === 0 ? "nothing fixed" : money(monthly, account.currency);
    const rest = projects > 0 ? `, the rest depends on use (${dependsOn.join(", ")})` : "";
    return [`${what}: ${known} a month${rest}`];
  }
}

/** A release that goes live: a new one, or another commit. */
function isBuild({ type, op, diffs }: CostedChange): boolean {
  if (type !== HOSTING.type("release") || op === "delete") return false;
  return op !== "update" || diffs.some(({ path }) => path === "ref");
}
