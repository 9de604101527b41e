import type { Properties, Property, Props } from "./properties.ts";
import { hasUnknown, isObject, isUnknown } from "./values.ts";

/** How one property path differs: what the engine calls ADD, DELETE and UPDATE. */
export interface Difference {
  /** Property path, e.g. `environments[0].value`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** True when this path's change replaces the resource. */
  readonly replaces: boolean;
}

/** True when `desired` is no difference from `actual`; parts that the provider fills in match anything when absent. */
function matches(property: Property | undefined, actual: unknown, desired: unknown): boolean {
  if (property?.absentIsEqual && (actual === undefined || actual === null)) return true;
  if (desired === undefined || desired === null) {
    return property?.computed || property?.output ? true : actual === undefined || actual === null;
  }
  if (isUnknown(desired)) return false;
  if (property?.normalize !== undefined) return same(property.normalize(actual), property.normalize(desired));
  if (isObject(desired) && isObject(actual)) {
    const fields = property?.fields;
    for (const key in desired)
      if (!matches(fields?.[key] ?? property?.element, actual[key], desired[key])) return false;
    for (const key in actual) {
      if (desired[key] === undefined && !matches(fields?.[key], actual[key], undefined)) return false;
    }
    return true;
  }
  if (Array.isArray(desired) && Array.isArray(actual)) {
    if (desired.length !== actual.length) return false;
    if (property?.type === "set") {
      const { added, removed } = setDifference(property.element, actual, desired);
      return added.length === 0 && removed.length === 0;
    }
    return desired.every((item, index) => matches(property?.element, actual[index], item));
  }
  return actual === desired;
}

/** Plain deep equality of JSON values; undefined and null are the same. */
export function same(a: unknown, b: unknown): boolean {
  return matches(undefined, a ?? undefined, b);
}

/** Indexes of the elements of `desired` that `actual` lacks, and the other way round. */
function setDifference(element: Property | undefined, actual: readonly unknown[], desired: readonly unknown[]) {
  const left = new Set(actual.keys());
  const added: number[] = [];
  for (const [index, item] of desired.entries()) {
    let found = -1;
    for (const candidate of left) {
      if (matches(element, actual[candidate], item)) {
        found = candidate;
        break;
      }
    }
    if (found < 0) added.push(index);
    else left.delete(found);
  }
  return { added, removed: [...left] };
}

/** All differences between the state and the planned state, leaf by leaf, for the properties of a resource that are inputs. */
export function differences(properties: Properties, state: Props, planned: Props): Difference[] {
  const found: Difference[] = [];
  for (const key in properties) {
    const property = properties[key]!;
    if (!property.output) walk(property, key, state[key], planned[key], undefined, found);
  }
  return found;
}

type Replaces = Property["replaces"];

function walk(
  property: Property | undefined,
  path: string,
  actual: unknown,
  desired: unknown,
  inherited: Replaces,
  found: Difference[],
): void {
  if (matches(property, actual, desired)) return;
  const rule = property?.replaces ?? inherited;
  if (isObject(actual) && isObject(desired)) {
    for (const key of new Set([...Object.keys(actual), ...Object.keys(desired)])) {
      const child = property?.fields?.[key] ?? property?.element;
      const sub = /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
      walk(child, sub, actual[key], desired[key], rule, found);
    }
    return;
  }
  if (Array.isArray(actual) && Array.isArray(desired) && !hasUnknown(desired)) {
    walkList(property, path, actual, desired, rule, found);
    return;
  }
  const absent = actual === undefined || actual === null;
  const gone = desired === undefined || desired === null;
  const replaces = typeof rule === "function" ? rule(actual, desired) : rule === true;
  found.push({ path, kind: absent ? "add" : gone ? "delete" : "update", replaces });
}

function walkList(
  property: Property | undefined,
  path: string,
  actual: readonly unknown[],
  desired: readonly unknown[],
  rule: Replaces,
  found: Difference[],
): void {
  if (property?.type === "set") {
    const { added, removed } = setDifference(property.element, actual, desired);
    const replaces = typeof rule === "function" ? rule(actual, desired) : rule === true;
    // An index that is both gone and new is shown as changed, part by part, as bridged providers do.
    for (const index of added.filter((item) => removed.includes(item))) {
      walk(property.element, `${path}[${index}]`, actual[index], desired[index], rule, found);
    }
    for (const index of added) {
      if (!removed.includes(index)) found.push({ path: `${path}[${index}]`, kind: "add", replaces });
    }
    for (const index of removed) {
      if (!added.includes(index)) found.push({ path: `${path}[${index}]`, kind: "delete", replaces });
    }
    return;
  }
  for (let index = 0; index < Math.max(actual.length, desired.length); index++) {
    walk(property?.element, `${path}[${index}]`, actual[index], desired[index], rule, found);
  }
}
