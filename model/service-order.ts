import type { Service } from "./service-types.ts";

/** What the order of services goes by. */
export type Ordered = Pick<Service, "key" | "after">;

/**
 * The way from a service over those that it comes after back to itself; undefined where there is none. Names that no service has
 * lead nowhere. Pure.
 */
export function circleOf(services: readonly Ordered[], key: string): string[] | undefined {
  const after = new Map(services.map((one) => [one.key, one.after ?? []]));
  const seen = new Set<string>();
  const from = (at: string, way: readonly string[]): string[] | undefined => {
    for (const next of after.get(at) ?? []) {
      if (next === key) return [...way, key];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = from(next, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return from(key, [key]);
}

/**
 * Puts services into groups that follow each other. Each service is in the latest group that its order allows: one that others wait for
 * goes alone and first, and is proven before the many. Without an order there is one group. An order holds also through services that are
 * not among the wanted ones. Pure.
 *
 * @param services all of the catalog, without a circle
 * @param wanted keys of those that go out
 * @returns keys by group, in the order of `services`; no group is empty
 */
export function serviceGroups(services: readonly Ordered[], wanted: ReadonlySet<string>): string[][] {
  const before = Map.groupBy(
    services.flatMap(({ key, after = [] }) => after.map((earlier) => ({ earlier, key }))),
    ({ earlier }) => earlier,
  );
  const heights = new Map<string, number>();
  /** How many groups must follow the one of this service. */
  const height = (key: string): number => {
    const known = heights.get(key);
    if (known !== undefined) return known;
    const found = Math.max(0, ...(before.get(key) ?? []).map((one) => height(one.key) + (wanted.has(one.key) ? 1 : 0)));
    heights.set(key, found);
    return found;
  };
  const groups = Map.groupBy(
    services.filter(({ key }) => wanted.has(key)),
    ({ key }) => height(key),
  );
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group.map(({ key }) => key));
}
