import type { Props } from "./live.ts";

/** How a provider is told to read an object that no state has. */
export type AdoptionOf =
  /** By the id that its importer takes. `keep`: inputs that no vendor shows, taken as they are declared. */
  | { readonly by: "import"; readonly id: string; readonly keep?: readonly string[] }
  /** As if a state had it with these properties: its importer leaves out what is declared. */
  | { readonly by: "read"; readonly id: string; readonly properties: Props }
  /** Not at all: what a state has of it follows from the declaration. */
  | { readonly by: "declaration"; readonly id: string; readonly outputs: Props; readonly secret: readonly string[] };

/**
 * How an object is taken into a state. Asks no vendor.
 *
 * @param inputs as they are declared, checked by the provider; secrets among them may be wrapped
 * @param id of the object, as the scan has it
 * @param value what no vendor shows and the configuration has: a generated value
 */
export type Adoptable = (inputs: Props, id: string, value?: string) => AdoptionOf | Promise<AdoptionOf>;

/** A text that may be wrapped as a secret; empty when it is none. Pure. */
export function plainText(value: unknown): string {
  const inner = typeof value === "object" && value !== null ? (value as { value?: unknown }).value : value;
  return typeof inner === "string" ? inner : "";
}
