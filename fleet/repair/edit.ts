import type { Found } from "../../vendors/live.ts";
import type { Verdict } from "./decide.ts";
import { type Exported, isSkeleton, type PendingOperation, pendingOperations, type Resource } from "./state.ts";

/** An interrupted operation and what becomes of it. */
export interface Decided {
  readonly operation: PendingOperation;
  readonly verdict: Verdict;
}

const withParts = (state: Exported, resources: Resource[], pending: readonly PendingOperation[]): Exported => ({
  ...state,
  deployment: { ...state.deployment, resources, pending_operations: [...pending] },
});

/**
 * Takes out what a repair that was itself interrupted had put in: entries without properties whose create is still
 * pending. Pure.
 */
export function withoutSkeletons(state: Exported): Exported {
  const creating = new Set(
    pendingOperations(state).flatMap(({ type, resource }) => (type === "creating" ? resource.urn : [])),
  );
  const resources = (state.deployment.resources ?? []).filter((item) => !(creating.has(item.urn) && isSkeleton(item)));
  return withParts(state, resources, pendingOperations(state));
}

/** Adds operations as if they had been interrupted: creates that failed because something exists. Pure. */
export function withPending(state: Exported, operations: readonly PendingOperation[]): Exported {
  return withParts(state, state.deployment.resources ?? [], [...pendingOperations(state), ...operations]);
}

/** What {@link applyVerdicts} made. */
export interface Applied {
  readonly state: Exported;
  /** URNs that the provider has to read now. */
  readonly refresh: readonly string[];
}

/**
 * Puts the verdicts into the state. Adopted objects become entries without properties, so the provider imports them at the next
 * read. Their pending operation stays until that is done. So a repair that is interrupted here is done again. Pure.
 */
export function applyVerdicts(state: Exported, decided: readonly Decided[]): Applied {
  let resources = [...(state.deployment.resources ?? [])];
  const keep: PendingOperation[] = [];
  const refresh = new Set<string>();
  for (const { operation, verdict } of decided) {
    const { urn } = operation.resource;
    if (verdict.outcome === "adopted" && verdict.adopt) {
      resources = insert(resources, operation.resource, verdict.adopt);
      refresh.add(urn);
    }
    if (verdict.refresh && resources.some((item) => item.urn === urn && item.delete !== true)) refresh.add(urn);
    if (verdict.outcome === "removed") {
      resources = resources.filter((item) => !(item.urn === urn && item.id === operation.resource.id));
    }
    if (verdict.outcome === "adopted" || verdict.outcome === "refused" || verdict.outcome === "kept") {
      keep.push(operation);
    }
  }
  return { state: withParts(state, resources, keep), refresh: [...refresh] };
}

/**
 * The new entry stands before an old one that is being replaced; the old one is marked for deletion, as the engine does. It takes the
 * place of an old one that is deleted already. Otherwise it stands at the end, behind all it may refer to.
 */
function insert(resources: readonly Resource[], resource: Resource, found: Found): Resource[] {
  const old = resources.findIndex(({ urn, delete: gone }) => urn === resource.urn && gone !== true);
  const at = old === -1 ? resources.length : old;
  const before = new Set(resources.slice(0, at).map(({ urn }) => urn));
  const entry = skeleton(resource, found, before, resources);
  const replaced = resources[at];
  const rest = resources.slice(at + 1);
  if (replaced === undefined) return [...resources, entry];
  if (replaced.pendingReplacement === true) return [...resources.slice(0, at), entry, ...rest];
  return [...resources.slice(0, at), entry, { ...replaced, delete: true }, ...rest];
}

/** An entry with nothing but its place in the stack and its id; what it refers to must stand before it. */
function skeleton(
  resource: Resource,
  found: Found,
  before: ReadonlySet<string>,
  resources: readonly Resource[],
): Resource {
  const { inputs: _, outputs: __, propertyDependencies, dependencies = [], parent, ...rest } = resource;
  const root = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn;
  const known = parent !== undefined && before.has(parent) ? parent : root;
  const properties = Object.entries(propertyDependencies ?? {}).map(([key, urns]): [string, string[]] => [
    key,
    (urns ?? []).filter((urn) => before.has(urn)),
  ]);
  return {
    ...rest,
    custom: true,
    id: found.importId ?? found.id,
    ...(known === undefined ? {} : { parent: known }),
    inputs: found.outputs === undefined ? {} : (resource.inputs ?? {}),
    outputs: found.outputs === undefined ? {} : { ...found.outputs },
    dependencies: dependencies.filter((urn) => before.has(urn)),
    propertyDependencies: Object.fromEntries(properties),
  };
}

/** What {@link settle} made. */
export interface Settled {
  readonly state: Exported;
  /** URNs whose entry the provider did not fill: taken out again. */
  readonly failed: readonly string[];
}

/**
 * Ends the adoption: operations whose entry the provider has filled are done; entries that stayed empty are taken out
 * again and their operation stays. Pure.
 *
 * @param original the state before {@link applyVerdicts}, for the entries that were marked as replaced
 */
export function settle(state: Exported, adopted: readonly string[], original: Exported): Settled {
  const resources = state.deployment.resources ?? [];
  const filled = (urn: string) =>
    resources.some((item) => item.urn === urn && item.delete !== true && !isSkeleton(item) && item.external !== true);
  const failed = adopted.filter((urn) => !filled(urn));
  const lost = new Set(failed);
  const marked = new Set(
    (original.deployment.resources ?? []).flatMap((item) => (item.delete === true ? [item.id] : [])),
  );
  const kept = resources
    .filter((item) => !(lost.has(item.urn) && isSkeleton(item)))
    .map((item) => {
      if (!lost.has(item.urn) || item.delete !== true || marked.has(item.id)) return item;
      const { delete: _, ...rest } = item;
      return rest as Resource;
    });
  const done = new Set(adopted.filter((urn) => !lost.has(urn)));
  const pending = pendingOperations(state).filter(
    ({ resource, type }) => !(type === "creating" && done.has(resource.urn)),
  );
  return { state: withParts(state, kept, pending), failed };
}
