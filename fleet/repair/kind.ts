import { isRepeatable, resourceType } from "../../vendors/index.ts";
import type { Live } from "../../vendors/live.ts";
import type { Resource } from "./state.ts";

/**
 * How a type's interrupted operations are resolved: a repeat is harmless, the vendor is asked, or it cannot be known. Components and
 * providers are no object at any vendor. Pure.
 */
export function kindOf({ type, custom }: Pick<Resource, "type" | "custom">): {
  readonly policy: "repeat" | "look-up" | "unknown";
  readonly live: Live;
} {
  const live = resourceType(type)?.live ?? {};
  if (live.find) return { policy: "look-up", live };
  const repeatable = custom !== true || type.startsWith("pulumi:") || isRepeatable(type);
  return { policy: repeatable ? "repeat" : "unknown", live };
}
