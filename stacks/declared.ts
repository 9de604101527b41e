import type { Output } from "@pulumi/pulumi";
import type { SharedMap } from "./shared-outputs.ts";
import type { SiteTargets } from "./site-targets.ts";

/** A part of a stack that an operation is limited to, with the engine's targets. */
export interface Part {
  /** Keys of services; only of the Plesk stack. */
  readonly services?: readonly string[];
  /** Some sites; only of a cell. */
  readonly cell?: SiteTargets;
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
