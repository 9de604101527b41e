import { SECRET, UNKNOWN } from "./resource.ts";

/** What the engine sends for values that are not known yet: text, boolean, number, list, asset, archive, mapping (`@pulumi/policy`, proxy.ts). */
const UNKNOWNS: ReadonlySet<unknown> = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/**
 * The inputs of a resource as a program declared them, with marks for what is secret or not known. The policy SDK's proxies are taken
 * off: they hide what is a secret, and throw at what is unknown. Pure.
 *
 * @param mark A mark for further values. @default none
 */
export function asDeclared(
  props: unknown,
  mark: (value: object) => symbol | undefined = () => undefined,
): Readonly<Record<string, unknown>> {
  const bare = (value: unknown): unknown => {
    if (UNKNOWNS.has(value)) return UNKNOWN;
    if (typeof value !== "object" || value === null) return value;
    const marked = mark(value);
    if (marked !== undefined) return marked;
    const proxied = value as { readonly __isSpecialProxy?: boolean; readonly __getSpecialProxyTarget?: unknown };
    if (proxied.__isSpecialProxy === true) return bare(proxied.__getSpecialProxyTarget);
    if (value.constructor?.name === "Secret") return SECRET;
    if (Array.isArray(value)) return value.map(bare);
    // An asset, a promise: nothing that rules read.
    if (Object.getPrototypeOf(value) !== Object.prototype) return UNKNOWN;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bare(item)]));
  };
  return bare(props) as Readonly<Record<string, unknown>>;
}
