import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { type Prices, PricesFile } from "../shape/prices.ts";
import { checkShape, ONCE, salvage, withValue } from "./salvage.ts";

/** Reads prices.yaml: all that is wrong is reported, and rules run on the prices that are right. */
export function buildPrices(file: YamlFile, report: Report): Entry<Prices> | undefined {
  checkShape(file, PricesFile, report);
  const entry = salvage(PricesFile, file, [], file.value);
  if (entry === undefined || PricesFile.safeParse(file.value, ONCE).success) return entry;
  // What the account uses may be one of the prices that were left out.
  const account = { ...entry.value.account, cdn: "on-demand" as const, tier: undefined, extras: [] };
  return withValue(entry, { ...entry.value, account });
}
