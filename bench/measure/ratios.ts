import { type Check, PROMISED_SITES, type Row, type Sizes } from "../types.ts";

/** Whether the target is met; undefined where there is none. Pure. */
export function isMet({ value, target }: Check): boolean | undefined {
  if (target === undefined) return undefined;
  if (target.is === "at least") return value >= target.value;
  return target.is === "at most" ? value <= target.value : value === target.value;
}

/** The target of (a) and (c); none at other sizes than it was set for. Pure. */
export function atLeast(value: number, { sites }: Pick<Sizes, "sites">): Pick<Check, "target"> {
  return sites === PROMISED_SITES ? { target: { is: "at least", value } } : {};
}

/** A quotient that a table can show: two digits after the point, never infinite. Pure. */
export function ratio(above: number, below: number): number {
  if (!(above >= 0) || !(below > 0)) throw new RangeError(`no ratio of ${above} and ${below}`);
  return round(above / below);
}

/** Two digits after the point. Pure. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The power with which a cost grows: 1 is linear, 2 quadratic, 0 not at all. The slope of the least squares line through
 * the logarithms of sizes and costs. Pure; undefined with fewer than two sizes.
 */
export function growthPower(points: readonly { readonly size: number; readonly cost: number }[]): number | undefined {
  const logs = points.map(({ size, cost }) => [Math.log(size), Math.log(cost)] as const);
  if (logs.length < 2 || logs.some(([x, y]) => !Number.isFinite(x) || !Number.isFinite(y))) return undefined;
  const mean = (of: 0 | 1) => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const above = logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const below = logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return below === 0 ? undefined : round(above / below);
}

/** CPU seconds of a command with the provider processes that worked for it. Pure. */
export function cpuOf({ cost }: Pick<Row, "cost">): number {
  return cost.cpu + cost.providers;
}

/** Memory of a command with the provider processes that worked for it, MiB. Pure. */
export function memoryOf({ cost }: Pick<Row, "cost">): number {
  return Math.round((cost.peak + cost.providersResident) / 2 ** 20);
}
