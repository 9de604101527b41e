import { median } from "simple-statistics";
import type { Driver, Prices } from "../../model/index.ts";
import type { CostProject } from "./projects.ts";

/** A month's use, and where the figure is from. */
interface Use {
  readonly amount: number;
  readonly source: "measured" | "median of its kind" | "price list";
}

/** A month's use of each project that was measured, by the project's name. */
export type Measured = ReadonlyMap<string, Readonly<Partial<Record<Driver, number>>>>;

/** What a project uses of a driver in a month; undefined = it is not known. */
export type UseOf = (project: CostProject, driver: Driver) => Use | undefined;

/** Use from a project's own history, else the median of its kind, else the price list's assumption. Pure. */
export function usageFrom(
  usage: Prices["usage"],
  measured: Measured = new Map(),
  projects: readonly CostProject[] = [],
): UseOf {
  const kinds = new Map<string, number[]>();
  for (const { name, kind } of projects) {
    for (const [driver, amount] of Object.entries(measured.get(name) ?? {})) {
      const key = `${kind} ${driver}`;
      kinds.set(key, [...(kinds.get(key) ?? []), amount]);
    }
  }
  const medians = new Map([...kinds].map(([key, amounts]) => [key, median(amounts)]));
  return ({ name, kind }, driver) => {
    const own = measured.get(name)?.[driver];
    if (own !== undefined) return { amount: own, source: "measured" };
    const usual = medians.get(`${kind} ${driver}`);
    if (usual !== undefined) return { amount: usual, source: "median of its kind" };
    const assumed = usage[kind][driver];
    return assumed === undefined ? undefined : { amount: assumed, source: "price list" };
  };
}
