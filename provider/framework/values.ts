import type { Props } from "./properties.ts";

/** Stands for a value that only the update will know; the engine's marker for unknown strings. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * The engine's markers for unknowns of all types (sdk/go/common/resource/plugin/rpc.go). One is enough for us, because
 * what we send back may be unknown of any type.
 */
export const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** The key that marks an object as something special, and what it may be (sdk/go/common/resource/sig). */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** A secret: its `value` is what counts. */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** An output: `value` (absent when unknown) and `secret`. */
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** A reference to a resource: its `id` is what counts. */
export const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** True for an unknown value itself (not for one that holds an unknown somewhere). */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** True when a value is unknown or holds an unknown anywhere. */
export function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === UNKNOWN;
  if (Array.isArray(value)) return value.some(hasUnknown);
  for (const key in value) if (hasUnknown((value as Props)[key])) return true;
  return false;
}

/** True for JSON objects: not null, not a list. */
export function isObject(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
