import type { Driver, Prices } from "../../../model/index.ts";
import type { ChargeTable, Series } from "../charges/table.ts";

/** A flat tier that the account pays for, and what it covers. */
export interface CoveringTier {
  /** Names of the metered services that it covers, by driver. */
  readonly services: ReadonlyMap<Driver, ReadonlySet<string>>;
  /** The tiers, smallest first. */
  readonly tiers: Extract<Prices["prices"][number], { kind: "stepwise" }>["tiers"];
  readonly currency: string;
}

/** What flat tiers cover on a day; undefined for an account that pays its CDN on demand. Pure. */
export function coveringTier({ account, prices }: Prices, on: string): CoveringTier | undefined {
  if (account.cdn !== "flat") return undefined;
  const all = prices
    .flatMap((price) => (price.kind === "stepwise" ? [price] : []))
    .sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? 1 : -1));
  // An account may have it before the price list does.
  const found = all.find(({ effectiveFrom }) => effectiveFrom <= on) ?? all.at(-1);
  if (found === undefined) return undefined;
  const drivers = new Set(found.tiers.flatMap(({ includes }) => Object.keys(includes) as Driver[]));
  const services = new Map(
    [...drivers].map((driver) => [
      driver,
      new Set(prices.flatMap((price) => (price.kind === "metered" && price.driver === driver ? price.services : []))),
    ]),
  );
  return { services, tiers: found.tiers, currency: found.currency };
}

/** Whether a series is of a service that the tier covers. Pure. */
export const isCovered = (tier: CoveringTier | undefined, { service }: Pick<Series, "service">): boolean =>
  tier !== undefined && [...tier.services.values()].some((names) => names.has(service));

/** The first of the days on which the tier was charged as it is now: what it covers cost otherwise before. Pure. */
export function tierSince(table: ChargeTable, days: readonly string[]): string | undefined {
  return days.find((day) => table.sumOf(day, ({ part }) => part === "stepwise"));
}
