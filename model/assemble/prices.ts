import type { Entry, Report } from "../problem.ts";
import type { YamlFile } from "../read/yaml.ts";
import { PriceShape, type Prices, PricesFile } from "../shape/prices.ts";
import { checkShape, field, listField, salvage } from "./salvage.ts";

/** Reads prices.yaml: all that is wrong is reported, and rules run on the prices that are right. */
export function buildPrices(file: YamlFile, report: Report): Entry<Prices> | undefined {
  checkShape(file, PricesFile, report);
  const whole = salvage(PricesFile, file, [], file.value);
  if (whole) return whole;
  // A price without a field cannot be mended by leaving out what is wrong: the others are still looked at.
  const list = listField(file.value, "prices") ?? [];
  const kept = list.flatMap((raw, index) => (PriceShape.safeParse(raw).success ? [index] : []));
  const rest = PricesFile.safeParse({ ...(file.value as object), prices: kept.map((index) => list[index]) });
  if (!rest.success || field(file.value, "prices") === undefined) return undefined;
  // What the account uses may be one of those that were left out.
  const account = { ...rest.data.account, cdn: "on-demand" as const, tier: undefined, extras: [] };
  return {
    value: { ...rest.data, account },
    at: (...path) => {
      const [head, index, ...more] = path;
      return file.place(head === "prices" && typeof index === "number" ? [head, kept[index] ?? index, ...more] : path);
    },
  };
}
