import type { Properties, Property, Props } from "./properties.ts";
import { isObject, UNKNOWN } from "./values.ts";

/**
 * The state that the inputs ask for. Per input: the given value, else its default, else (when the provider fills it in)
 * the state's value, else nothing. Outputs keep the state's value; what has none yet is unknown.
 *
 * @param state the state before, undefined for a create
 * @param ignored top-level properties whose changes are ignored: they keep the state's value
 */
export function plan(properties: Properties, inputs: Props, state?: Props, ignored?: ReadonlySet<string>): Props {
  const planned: Props = {};
  for (const key in properties) {
    const property = properties[key]!;
    const before = state?.[key];
    let value: unknown;
    if (state !== undefined && ignored?.has(key)) value = before;
    else if (property.output) value = before ?? (state === undefined ? UNKNOWN : undefined);
    else value = planValue(property, inputs[key], before, state === undefined);
    if (value !== undefined) planned[key] = value;
  }
  return planned;
}

function planValue(property: Property, input: unknown, before: unknown, creating: boolean): unknown {
  if (input === undefined || input === null) {
    if (property.default !== undefined) return property.default;
    if (property.computed) return before ?? (creating ? UNKNOWN : undefined);
    return undefined;
  }
  if (property.fields !== undefined && isObject(input)) {
    return planFields(property.fields, input, isObject(before) ? before : undefined);
  }
  const fields = property.element?.fields;
  if (fields !== undefined && Array.isArray(input)) {
    return input.map((item, index) => {
      if (!isObject(item)) return item;
      const old = property.type === "list" && Array.isArray(before) ? before[index] : undefined;
      return planFields(fields, item, isObject(old) ? old : undefined);
    });
  }
  if (fields !== undefined && property.type === "map" && isObject(input)) {
    const result: Props = {};
    for (const key in input) {
      const item = input[key];
      const old = isObject(before) ? before[key] : undefined;
      result[key] = isObject(item) ? planFields(fields, item, isObject(old) ? old : undefined) : item;
    }
    return result;
  }
  return input;
}

// Nested parts that the provider fills in stay absent until it has: an unknown there would make every element of a set
// look changed.
function planFields(fields: Properties, input: Props, before: Props | undefined): Props {
  const result: Props = { ...input };
  for (const key in fields) {
    const field = fields[key]!;
    const value = field.output ? before?.[key] : planValue(field, input[key], before?.[key], false);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** Removes unknowns from the top level: what a create call gets. */
export function known(planned: Props, properties: Properties): Props {
  const result: Props = {};
  for (const key in planned) {
    const value = planned[key];
    if (value !== UNKNOWN && !properties[key]?.output) result[key] = value;
  }
  return result;
}

/** The state after a call: what the provider said, else what was asked for. */
export function merge(properties: Properties, outputs: Props, planned: Props): Props {
  const result: Props = {};
  for (const key in properties) {
    const value = outputs[key] === undefined ? planned[key] : outputs[key];
    if (value !== undefined && value !== UNKNOWN && value !== null) result[key] = value;
  }
  return result;
}

/**
 * The inputs that would give this state. With the inputs known before, only those are followed; for an import every
 * input that has a value other than its default.
 */
export function inputsOf(properties: Properties, state: Props, inputs: Props | undefined): Props {
  const result: Props = {};
  for (const key in properties) {
    const property = properties[key]!;
    const value = state[key];
    if (property.output || value === undefined || value === null) continue;
    if (inputs === undefined) {
      if (property.default !== undefined && JSON.stringify(property.default) === JSON.stringify(value)) continue;
      if (!property.required && isEmpty(value)) continue;
      result[key] = inputValue(property, value, undefined);
    } else if (inputs[key] !== undefined) {
      result[key] = inputValue(property, value, inputs[key]);
    }
  }
  return result;
}

// An API shows "" and [] for what was never set; as inputs of an import they would often not even be valid.
function isEmpty(value: unknown): boolean {
  return value === "" || (Array.isArray(value) && value.length === 0);
}

// Keeps nested outputs out of the inputs; with known inputs, keeps nested parts out that were not given.
function inputValue(property: Property, value: unknown, input: unknown): unknown {
  if (property.fields !== undefined && isObject(value)) {
    const given = isObject(input) ? input : undefined;
    const result: Props = {};
    for (const key in value) {
      const field = property.fields[key];
      if (field?.output || value[key] === undefined || value[key] === null) continue;
      const optional = field?.computed || field?.default !== undefined;
      if (optional && given !== undefined && given[key] === undefined) continue;
      result[key] = field === undefined ? value[key] : inputValue(field, value[key], given?.[key]);
    }
    return result;
  }
  const element = property.element;
  if (element?.fields !== undefined && Array.isArray(value)) {
    const template = Array.isArray(input) ? input[0] : undefined;
    return value.map((item, index) =>
      inputValue(element, item, Array.isArray(input) ? (input[index] ?? template) : undefined),
    );
  }
  return value;
}
