/**
 * JSON as Go's encoding/json writes it in one line, so that files of ours and of the engine are the same to the byte: keys of maps in
 * the order of their bytes, where JavaScript puts numbers first; `-0`; two line ends of Unicode escaped. Pure.
 *
 * @param html whether `<`, `>` and `&` are escaped: values that an engine encoded apart are
 */
export function goMap(value: unknown, html = false): string {
  if (typeof value === "string") return goString(value, html);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => goMap(item, html)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const map = value as Readonly<Record<string, unknown>>;
  const pairs = inOrder(Object.keys(map)).map((key) => `${goString(key, html)}:${goMap(map[key], html)}`);
  return `{${pairs.join(",")}}`;
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
      pairs.push(`${goString(name, false)}:${asItCame(value[name])}`);
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

const asItCame = (value: unknown) => escapeLines(JSON.stringify(value));

function goString(text: string, html: boolean): string {
  const plain = escapeLines(JSON.stringify(text));
  return html ? plain.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`) : plain;
}

const escapeLines = (text: string) =>
  text.replace(/[\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);

/** By UTF-8 bytes; JavaScript's own order differs only for signs beyond the first 65,536. */
function inOrder(keys: string[]): string[] {
  if (!keys.some((key) => /[\ud800-\udfff]/.test(key))) return keys.sort();
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
