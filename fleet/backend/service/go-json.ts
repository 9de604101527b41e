/**
 * JSON as Go's encoding/json writes it in one line, so that files of ours and of the engine are the same to the byte: keys of maps in
 * the order of their bytes, where JavaScript puts numbers first; `-0`; two line ends of Unicode escaped. Pure.
 *
 * @param html whether `<`, `>` and `&` are escaped: values that an engine encoded apart are
 */
export function goMap(value: unknown, html = false): string {
  // What an engine sent is in its order already, and JavaScript's own writer is far faster.
  const json = JSON.stringify(value);
  return escaped(!BEYOND.test(json) && inOrder(value) ? json : ordered(value), html);
}

function ordered(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (Array.isArray(value)) return `[${value.map(ordered).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const map = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(map).sort(byBytes);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${ordered(map[key])}`).join(",")}}`;
}

/** True when JavaScript writes this as Go does, but for what is escaped and signs beyond the first 65,536. */
function inOrder(value: unknown): boolean {
  if (typeof value === "number") return !Object.is(value, -0);
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(inOrder);
  const map = value as Readonly<Record<string, unknown>>;
  let before = "";
  for (const key of Object.keys(map)) {
    if (before > key || !inOrder(map[key])) return false;
    before = key;
  }
  return true;
}

/**
 * A structure of Go: its fields in a fixed order, and after them those that are not known here, as they came. Pure.
 *
 * @param fields the order, each with how it is written; one without a text is left out
 */
export function goStruct(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, (field: unknown) => string | undefined>>,
): string {
  const pairs: string[] = [];
  for (const [name, write] of Object.entries(fields)) {
    const text = write(value[name]);
    if (text !== undefined) pairs.push(`"${name}":${text}`);
  }
  for (const name of Object.keys(value))
    if (!Object.hasOwn(fields, name) && value[name] !== undefined)
      pairs.push(`${asItCame(name)}:${asItCame(value[name])}`);
  return `{${pairs.join(",")}}`;
}

/** How a field is written that is always there; `json:"name"`. */
export const always = (field: unknown): string => goMap(field);

/** How a field is written that is left out when it is empty: false, 0, "", none, nothing in it; `json:"name,omitempty"`. */
export const unlessEmpty = (field: unknown): string | undefined => (isEmpty(field) ? undefined : goMap(field));

/** A structure in a structure, whose fields have their order already. */
export const structUnlessEmpty = (field: unknown): string | undefined => (isEmpty(field) ? undefined : asItCame(field));

/** A pointer: left out only when it is not there. */
export const unlessMissing = (field: unknown): string | undefined => (field == null ? undefined : asItCame(field));

/** Any value at all: left out only when it is not there. */
export const anyUnlessMissing = (field: unknown): string | undefined => (field == null ? undefined : goMap(field));

function isEmpty(field: unknown): boolean {
  return !field || (typeof field === "object" && Object.keys(field).length === 0);
}

const asItCame = (value: unknown) => escaped(JSON.stringify(value), false);

function escaped(json: string, html: boolean): string {
  const signs = html ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g;
  if (json.search(signs) < 0) return json;
  return json.replace(signs, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The order of UTF-8; JavaScript's own differs only for signs beyond the first 65,536. */
function byBytes(a: string, b: string): number {
  if (BEYOND.test(a) || BEYOND.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

const BEYOND = /[\ud800-\udfff]/;
