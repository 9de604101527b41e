import type { Driver } from "../model/index.ts";

/** What a component's cost depends on. The prices are in `catalog/prices.yaml`. */
interface ComponentCost {
  /** What it is paid for by use; empty = by no use. */
  readonly drivers: readonly Driver[];
  /** It is one of these for a fixed price. @default none */
  readonly fixed?: "project" | "zone";
}

/** What serving a site can cost at the vendor that hosts it. */
const SERVING: readonly Driver[] = ["requests", "transfer", "cpu", "memory", "invocations", "reads", "writes"];

/** The drivers of each component. A component that is not here is paid by no price of ours. */
export const COMPONENT_COSTS = {
  /** A site with a project of its own builds its own releases. */
  own: { drivers: ["builds", ...SERVING], fixed: "project" },
  /** Several sites are served, and built once, by one project. */
  shared: { drivers: ["builds", ...SERVING], fixed: "project" },
  zone: { drivers: [], fixed: "zone" },
} as const satisfies Readonly<Record<string, ComponentCost>>;
