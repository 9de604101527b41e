import type { Output } from "@pulumi/pulumi";
import type { SharedMap } from "./shared-outputs.ts";
import type { SiteTargets } from "./site-targets.ts";

/** How an operation is limited, with the engine's targets. */
export interface Part {
  /** Keys of services; only of the Plesk stack. */
  readonly services?: readonly string[];
  /** Some sites; only of a cell. */
  readonly cell?: SiteTargets;
  /** Objects that exist are taken into the state: nothing at a vendor is changed. @default false */
  readonly adopting?: boolean;
}

/** What a stack's program hands back. */
export interface Declared {
  /** Stack outputs. */
  readonly outputs: Record<string, unknown>;
  /** What it read of the shared stack. */
  readonly shared: Partial<Record<SharedMap, Readonly<Record<string, string>>>>;
  /** In an update: is everything as declared now, also what the engine was told to leave alone? @default it is */
  readonly complete?: Output<boolean>;
}
