import { roleOf } from "../../vendors/index.ts";
import { positionOf } from "./property-path.ts";
import { JsonText, SECRET, UNKNOWN } from "./values.ts";

/** Names under which secrets are kept; a name or an id of a secret is none. */
const SENSITIVE = /passw(or)?d|passphrase|secret|token|private_?key|api_?key|credential|encrypted/i;
const HARMLESS = /(name|names|id|ids|type|kind|config|ttl|url|length|expir\w*|protection\w*)$/i;
/** Inside a document for a program everything under these names may be a secret. */
const ENVIRONMENTS = new Set(["env", "environment"]);

/**
 * Where secrets stand among a resource's properties, by positions as {@link positionOf} writes them. `part`: the engine
 * masked a known secret inside a longer text, whose rest may be shown.
 */
export type SecretPositions = ReadonlyMap<string, "whole" | "part">;

type Step = string | number;

/**
 * Where any of the given property trees (old inputs, old outputs, new inputs) holds a secret. A value that is a secret on
 * one side is one on the other: its kind may have changed, the value need not have. Pure.
 */
export function secretPositions(type: string, trees: readonly unknown[]): SecretPositions {
  const found = new Map<string, "whole" | "part">();
  const walk = (value: unknown, steps: readonly Step[], inDocument: boolean) => {
    if (value instanceof JsonText) walk(value.value, steps, true);
    else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, [...steps, index], inDocument);
    } else if (value !== null && typeof value === "object") {
      for (const [key, item] of Object.entries(value)) {
        const next = [...steps, key];
        if (isSensitive(type, key, item, steps, inDocument)) found.set(positionOf(next), "whole");
        else walk(item, next, inDocument);
      }
    } else if (value === SECRET) found.set(positionOf(steps), "whole");
    else if (typeof value === "string" && value.includes(SECRET) && !found.has(positionOf(steps))) {
      found.set(positionOf(steps), "part");
    }
  };
  for (const tree of trees) walk(tree, [], false);
  return found;
}

function isSensitive(type: string, key: string, value: unknown, above: readonly Step[], inDocument: boolean): boolean {
  if (value === null || value === "" || value === UNKNOWN || typeof value === "boolean") return false;
  // What a program reads from stdin is a document that we can look into, or it is a secret as a whole.
  if (key === "stdin" && above.length === 0) return !(value instanceof JsonText);
  if (roleOf(type) === "secret" && /value/i.test(key)) return true;
  if (inDocument && ENVIRONMENTS.has(String(above.at(-1)))) return true;
  return SENSITIVE.test(key) && !HARMLESS.test(key);
}

/** The value with every secret masked; `steps` is where it stands in the resource. Pure. */
export function masked(value: unknown, steps: readonly Step[], secrets: SecretPositions): unknown {
  if (value === undefined || secrets.size === 0) return value;
  const position = positionOf(steps);
  for (let end = steps.length; end > 0; end--) {
    const how = secrets.get(positionOf(steps.slice(0, end)));
    if (how === undefined) continue;
    return how === "part" && typeof value === "string" && value.includes(SECRET) ? value : SECRET;
  }
  if (value instanceof JsonText) return new JsonText(masked(value.value, steps, secrets));
  if (Array.isArray(value)) return value.map((item, index) => masked(item, [...steps, index], secrets));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, masked(item, [...steps, key], secrets)]),
    );
  }
  // Secrets stand below this position on the other side: this text may hold them all.
  const below = (other: string) => other.startsWith(`${position}.`) || other.startsWith(`${position}[`);
  return typeof value === "string" && value !== UNKNOWN && [...secrets.keys()].some(below) ? SECRET : value;
}
