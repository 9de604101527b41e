import { map, string } from "../framework/index.ts";

/** Arbitrary values whose change makes a new random value. */
export const keepers = map(string(), { replaces: true });

/** A rule for whole numbers of at least `min`. The text is terraform-provider-random's validator's. */
export const atLeast = (min: number) => (value: unknown) =>
  (value as number) >= min ? undefined : `value must be at least ${min}, got: ${value}`;
