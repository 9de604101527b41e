import type { SharedMap } from "./shared-outputs.ts";

/** What a stack's program hands back. */
export interface Declared {
  /** Stack outputs. */
  readonly outputs: Record<string, unknown>;
  /** What it read of the shared stack. */
  readonly shared: Partial<Record<SharedMap, Readonly<Record<string, string>>>>;
}
