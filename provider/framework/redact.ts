import { isTakenOut } from "../../errors/redact.ts";
import type { Properties, Property, Props } from "./properties.ts";
import { isObject, UNKNOWN } from "./values.ts";
import type { SecretPaths } from "./wire/struct.ts";

// Of what is secret as a whole only as an output, the schema knows which parts really are.
function isSecret(property: Property | undefined, marked: SecretPaths | undefined): boolean {
  return property?.secret === true || (marked?.whole === true && property?.secret !== "output");
}

/** All secret strings in a value, by its schema and by how the engine marked them. */
export function secretStrings(props: Props, properties: Properties | undefined, secrets?: SecretPaths): string[] {
  const found: string[] = [];
  const visit = (
    value: unknown,
    fields: Properties | undefined,
    element: Properties[string] | undefined,
    node: SecretPaths | undefined,
    secret: boolean,
  ): void => {
    if (typeof value === "string") {
      if (secret && value !== UNKNOWN && isTakenOut(value)) found.push(value);
    } else if (Array.isArray(value)) {
      const child = node?.children.get("*");
      for (const item of value)
        visit(item, element?.fields, element?.element, child, secret || isSecret(element, child));
    } else if (isObject(value)) {
      for (const key in value) {
        const property = fields?.[key] ?? element;
        const child = node?.children.get(key);
        visit(value[key], property?.fields, property?.element, child, secret || isSecret(property, child));
      }
    }
  };
  visit(props, properties, undefined, secrets, false);
  return found;
}

/** Replaces every secret in a text, also in its JSON and URL encoded forms, by `[secret]`. */
export function redact(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    for (const form of new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])) {
      result = result.replaceAll(form, "[secret]");
    }
  }
  return result;
}
