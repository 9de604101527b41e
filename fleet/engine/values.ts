import { createHash } from "node:crypto";
import { PROJECT_ROOT } from "../../stacks/root.ts";

/** What stands for a secret value, as the engine writes it. */
export const SECRET = "[secret]";
/** What stands for a value that is known only when the change is made. */
export const UNKNOWN = "[unknown]";
/** Longest text of one value, characters; the rest is covered by a hash. Long enough for a SPF record or a git URL. */
export const MAX_VALUE = 256;

/** Text that is a JSON document, such as a command's stdin: kept open so that secrets inside of it are found. */
export class JsonText {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

// Signatures by which property values are told apart on the wire: sdk/go/common/resource/sig in pulumi/pulumi.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** Placeholders of values not known yet, one a type: sdk/go/common/resource/plugin/rpc.go in pulumi/pulumi. */
const UNKNOWNS = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

const ROOT = new RegExp(`(?<![\\w./-])${PROJECT_ROOT.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?=[/"'\\s:]|$)`, "g");

/** Text without the folder of this machine: the same on every one. Pure. */
export function withoutRoot(text: string): string {
  return text.includes(PROJECT_ROOT) ? text.replace(ROOT, "<project>") : text;
}

/** A property value of an event in plain form: secrets and unknowns by their marks, JSON documents opened. Pure. */
export function plainValue(value: unknown): unknown {
  if (typeof value === "string") return plainText(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plainValue);
  const { [SIGNATURE]: signature, ...rest } = value as Record<string, unknown>;
  if (signature === SECRET_SIGNATURE) return SECRET;
  if (signature === OUTPUT_SIGNATURE) {
    if (rest.secret === true) return SECRET;
    return "value" in rest ? plainValue(rest.value) : UNKNOWN;
  }
  // Assets and archives: what they hold is their hash; where they lie is this machine's business.
  if (signature !== undefined && typeof rest.hash === "string") return { hash: rest.hash };
  return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, plainValue(item)]));
}

function plainText(text: string): unknown {
  if (UNKNOWNS.has(text)) return UNKNOWN;
  if (/^\s*[[{]/.test(text)) {
    try {
      const value: unknown = JSON.parse(text);
      if (value !== null && typeof value === "object") return new JsonText(plainValue(value));
    } catch {
      // only looks like JSON
    }
  }
  return withoutRoot(text);
}

/** JSON with sorted keys; a document inside a text stays a text. Pure. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item instanceof JsonText) return canonical(item.value);
    if (item === null || typeof item !== "object" || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/**
 * A plain value as a change set holds it: canonical JSON, the marks of secrets and unknowns without quotes, at most
 * {@link MAX_VALUE} characters. What is cut off is covered by a hash, so that equal texts mean equal values. Pure.
 */
export function showValue(value: unknown): string {
  if (value === SECRET || value === UNKNOWN) return value;
  const text = value instanceof JsonText ? canonical(value.value) : canonical(value);
  return bounded(text);
}

function bounded(text: string): string {
  if (text.length <= MAX_VALUE) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const note = ` … (${text.length} characters, sha-256 ${hash})`;
  // Never between the halves of a character.
  const head = text.slice(0, MAX_VALUE - note.length).replace(/[\ud800-\udbff]$/, "");
  return head + note;
}
