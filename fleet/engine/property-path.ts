/** The steps of a property path as the engine writes it: `a.b[0]["odd key"]` → `["a", "b", 0, "odd key"]`. Pure. */
export function parsePath(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  const pattern = /\.?([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
  while (pattern.lastIndex < path.length) {
    const found = pattern.exec(path);
    if (found === null) return [path]; // no path of the engine's: taken as one name
    const [, name, index, quoted] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (quoted ?? "").replace(/\\(.)/g, "$1"));
  }
  return steps;
}

/** The value at a path, undefined where there is none. Pure. */
export function valueAt(root: unknown, steps: readonly (string | number)[]): unknown {
  let value = root;
  for (const step of steps) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The position of a path with every index left out: all elements of a list are one position. Pure. */
export function positionOf(steps: readonly (string | number)[]): string {
  return steps.map((step) => (typeof step === "number" ? "[]" : `.${step}`)).join("");
}
