import type { Properties, Property, Props } from "./properties.ts";
import { isObject, isUnknown } from "./values.ts";

/** A problem with an input, at a property path. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/**
 * Checks inputs against their schema: required ones present, types, allowed values, unknown names. Values that are not
 * known yet pass. Numbers and booleans given as text are converted in place, and the other way round, as bridged
 * providers do. Texts follow the bridge's.
 */
export function checkProperties(properties: Properties, inputs: Props, failures: Failure[], prefix = ""): void {
  for (const key in properties) {
    const property = properties[key]!;
    if (property.required && (inputs[key] === undefined || inputs[key] === null)) {
      const path = prefix + key;
      failures.push({ property: path, reason: `Missing required property '${key}'` });
    }
  }
  for (const key in inputs) {
    const property = properties[key];
    const path = prefix + key;
    // `__defaults` is bookkeeping that bridged providers leave in the inputs of states they wrote.
    if (key === "__defaults") delete inputs[key];
    else if (property === undefined || property.output) {
      failures.push({ property: path, reason: `An unexpected property '${key}' was found: it is not an input` });
    } else inputs[key] = checkValue(property, inputs[key], path, failures);
  }
}

function checkValue(property: Property, value: unknown, path: string, failures: Failure[]): unknown {
  if (value === undefined || value === null || isUnknown(value)) return value;
  const fail = (reason: string): unknown => {
    failures.push({ property: path, reason });
    return value;
  };
  const wrongType = (): unknown => fail(`expected ${article(property.type)}, got ${article(typeName(value))}`);
  let result = value;
  switch (property.type) {
    case "string":
      if (typeof value === "number" || typeof value === "boolean") result = String(value);
      else if (typeof value !== "string") return wrongType();
      break;
    case "number":
    case "integer":
      if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) result = Number(value);
      else if (typeof value !== "number") return wrongType();
      if (property.type === "integer" && !Number.isInteger(result)) return wrongType();
      break;
    case "boolean":
      if (value === "true" || value === "false") result = value === "true";
      else if (typeof value !== "boolean") return wrongType();
      break;
    case "list":
    case "set":
      if (!Array.isArray(value)) return wrongType();
      result = value.map((item, index) => checkValue(property.element!, item, `${path}[${index}]`, failures));
      break;
    case "map":
      if (!isObject(value)) return wrongType();
      for (const key in value)
        value[key] = checkValue(property.element!, value[key], `${path}[${JSON.stringify(key)}]`, failures);
      break;
    case "object":
      if (!isObject(value)) return wrongType();
      checkProperties(property.fields!, value, failures, `${path}.`);
      break;
  }
  if (property.allowed !== undefined && !property.allowed.includes(result as string | number)) {
    const allowed = property.allowed.map((item) => JSON.stringify(item)).join(", ");
    fail(`value must be one of: [${allowed}]${property.secret ? "" : `, got: ${JSON.stringify(result)}`}`);
  }
  const wrong = property.validate?.(result);
  if (wrong !== undefined) fail(wrong);
  return result;
}

function typeName(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
