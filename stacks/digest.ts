import { createHash } from "node:crypto";

/** JSON with the keys of every object sorted: equal values give equal text, on any machine. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value, ""));
}

/** With its keys in order. Each command does it for all sites: `JSON.stringify` with a function for each value takes nearly twice as long. */
function inOrder(value: unknown, key: string): unknown {
  const plain = hasJson(value) ? value.toJSON(key) : value;
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map((item, index) => inOrder(item, String(index)));
  const fields = plain as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields).sort();
  // Assigning that one would change the object's prototype.
  if (names.includes("__proto__")) return Object.fromEntries(names.map((name) => [name, inOrder(fields[name], name)]));
  const ordered: Record<string, unknown> = {};
  for (const name of names) ordered[name] = inOrder(fields[name], name);
  return ordered;
}

const hasJson = (value: unknown): value is { toJSON(key: string): unknown } =>
  typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function";

/** sha-256 of the canonical form, 64 hex digits. */
export const digestOf = (value: unknown): string => digestOfText(canonicalJson(value));

/** sha-256 of a text to the letter, 64 hex digits. */
export const digestOfText = (text: string): string => createHash("sha256").update(text).digest("hex");
