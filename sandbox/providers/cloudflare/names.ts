import type { Properties, Property, Props } from "../framework/index.ts";
import { isObject } from "../framework/index.ts";

/** `zoneId` → `zone_id`, `ipv4Only` → `ipv4_only`: how the API names what Pulumi calls otherwise. */
export function toSnake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The request body for the given inputs, nested objects included. Properties named in `except` travel in the path. */
export function toBody(inputs: Props, properties: Properties, except: readonly string[] = []): Props {
  const body: Props = {};
  for (const key in inputs) {
    const value = inputs[key];
    if (value !== undefined && properties[key] !== undefined && !except.includes(key)) {
      body[toSnake(key)] = outward(value, properties[key]);
    }
  }
  return body;
}

/** What an API object says about the given properties; what it does not mention, or says is null, is left out. */
export function fromBody(body: unknown, properties: Properties): Props {
  const result: Props = {};
  if (!isObject(body)) return result;
  for (const key in properties) {
    const value = inward(body[toSnake(key)], properties[key]!);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function outward(value: unknown, property: Property): unknown {
  if (isObject(value) && property.fields !== undefined) return toBody(value, property.fields);
  return value;
}

function inward(value: unknown, property: Property): unknown {
  if (value === undefined || value === null) return undefined;
  if (isObject(value) && property.fields !== undefined) return fromBody(value, property.fields);
  return value;
}
