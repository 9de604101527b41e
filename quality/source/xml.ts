import { Unusable } from "./read.ts";

/** An element: attributes begin with `@`, and every child is a list by its name. */
export type Element = Readonly<Record<string, unknown>>;

/**
 * Reads XML. Entities and document types are not followed; a text that is cut off is refused.
 *
 * @throws Unusable
 */
export async function xmlOf(text: string, what: string): Promise<Element> {
  const { XMLParser, XMLValidator } = await import("fast-xml-parser");
  // Reports name a DTD at times (Cobertura); it is never looked at.
  const body = text.replace(/<!DOCTYPE[^>[]*>/i, "");
  if (/<!(DOCTYPE|ENTITY)/i.test(body)) throw new Unusable(`${what} declares entities`);
  if (XMLValidator.validate(body) !== true) throw new Unusable(`${what} is no XML, or cut off`);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    parseAttributeValue: false,
    parseTagValue: false,
    processEntities: true,
    isArray: (_name, _path, _leaf, attribute) => !attribute,
  });
  return parser.parse(body) as Element;
}

/** Children of a name. Pure. */
export function children(element: unknown, name: string): readonly Element[] {
  const value =
    typeof element === "object" && element !== null ? (element as Record<string, unknown>)[name] : undefined;
  const all = Array.isArray(value) ? value : [];
  return all.map((one) => (typeof one === "object" && one !== null ? (one as Element) : { "#text": String(one) }));
}

/** An attribute; undefined where it is not there. Pure. */
export const attribute = (element: Element, name: string): string | undefined => {
  const value = element[`@${name}`];
  return typeof value === "string" ? value : undefined;
};
