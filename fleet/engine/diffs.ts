import { isSilent } from "../../vendors/index.ts";
import type { EngineEvent } from "./event-log.ts";
import { masked, type SecretPositions, secretPositions } from "./mask.ts";
import { parsePath, valueAt } from "./property-path.ts";
import { plainValue, showValue } from "./values.ts";

/** One property that differs. */
export interface PropertyDiff {
  /** Property path as the engine writes it, e.g. `gitRepository.repo`, `environments[0].value`. */
  readonly path: string;
  /** `add`, `update`, `delete`; with `-replace` when this is what makes the engine replace the resource. */
  readonly kind: string;
  /** Canonical JSON of at most MAX_VALUE characters, `[secret]` or `[unknown]`; absent where there is none. */
  readonly old?: string;
  readonly new?: string;
}

/** Properties of one step that are told one by one; the others are counted and covered by a hash. */
const MAX_PROPERTIES = 60;

/** What the engine says of a step. */
export type StepMetadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

type Properties = Record<string, unknown>;

/**
 * The property diffs of a step, by path: all inputs of what is created or deleted, else what differs. What a provider
 * reports of inputs that are not declared and that it does not send is left out. Pure.
 */
export function diffsOf(metadata: StepMetadata): PropertyDiff[] {
  const { old, new: next, type } = metadata;
  const before = { inputs: plainValue(old?.inputs ?? {}), outputs: plainValue(old?.outputs ?? {}) };
  const after = { inputs: plainValue(next?.inputs ?? {}), outputs: plainValue(next?.outputs ?? {}) };
  const secrets = secretPositions(type, [before.inputs, before.outputs, after.inputs, after.outputs]);
  if (old == null) return capped(allOf(after.inputs as Properties, "add", secrets));
  if (next == null) return capped(allOf(before.inputs as Properties, "delete", secrets));
  const inputs = [before.inputs as Properties, after.inputs as Properties];
  const told = kindsOf(metadata).filter(
    ({ path, kind }) => kind.includes("replace") || !isUndeclaredAndUnsent(type, path, inputs),
  );
  const diffs = told.map(({ path, kind, ofInputs }): PropertyDiff => {
    const steps = parsePath(path);
    const roots = ofInputs ? [before.inputs, before.outputs] : [before.outputs, before.inputs];
    const was = kind.startsWith("add") ? undefined : (valueAt(roots[0], steps) ?? valueAt(roots[1], steps));
    const becomes = kind.startsWith("delete")
      ? undefined
      : (valueAt(after.inputs, steps) ?? valueAt(after.outputs, steps));
    return { path, kind, ...shown("old", was, steps, secrets), ...shown("new", becomes, steps, secrets) };
  });
  // A value that is in no state and in no plan is none that anything changes.
  return capped(
    diffs.filter(({ kind, old, new: to }) => kind.includes("replace") || old !== undefined || to !== undefined),
  );
}

function isUndeclaredAndUnsent(type: string, path: string, inputs: readonly Properties[]): boolean {
  const [input] = parsePath(path);
  return typeof input === "string" && isSilent(type, input) && inputs.every((given) => given[input] === undefined);
}

/** Paths and kinds; older providers say only which properties differ, or which of them replace. */
function kindsOf({ detailedDiff, diffs, keys }: StepMetadata): { path: string; kind: string; ofInputs: boolean }[] {
  const detailed = Object.entries(detailedDiff ?? {});
  if (detailed.length > 0) {
    return detailed.map(([path, { diffKind, inputDiff }]) => ({ path, kind: diffKind, ofInputs: inputDiff }));
  }
  const replacing = new Set(keys ?? []);
  return [...new Set([...(diffs ?? []), ...replacing])].map((path) => ({
    path,
    kind: replacing.has(path) ? "update-replace" : "update",
    ofInputs: false,
  }));
}

function allOf(inputs: Properties, kind: "add" | "delete", secrets: SecretPositions): PropertyDiff[] {
  return Object.entries(inputs)
    .filter(([name, value]) => !name.startsWith("__") && value !== null)
    .map(([name, value]) => {
      const path = /^[^.[\]"]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;
      return { path, kind, ...shown(kind === "add" ? "new" : "old", value, [name], secrets) };
    });
}

function shown(
  side: "old" | "new",
  value: unknown,
  steps: readonly (string | number)[],
  secrets: SecretPositions,
): Partial<Pick<PropertyDiff, "old" | "new">> {
  return value === undefined ? {} : { [side]: showValue(masked(value, steps, secrets)) };
}

function capped(diffs: PropertyDiff[]): PropertyDiff[] {
  diffs.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  if (diffs.length <= MAX_PROPERTIES) return diffs;
  const rest = diffs.slice(MAX_PROPERTIES);
  const summary = { path: `… ${rest.length} more properties`, kind: "update", new: showValue(rest) };
  return [...diffs.slice(0, MAX_PROPERTIES), summary];
}
