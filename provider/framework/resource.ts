import type { Failure } from "./check.ts";
import { checkProperties } from "./check.ts";
import type { Difference } from "./compare.ts";
import { differences } from "./compare.ts";
import type { CheckCall, ProviderDefinition, ResourceDefinition } from "./definition.ts";
import { plan } from "./plan.ts";
import type { Props } from "./properties.ts";
import { parseUrn } from "./urn.ts";
import { UNKNOWN } from "./values.ts";

/** A resource type whatever its provider's client is. */
type AnyResource = Pick<ResourceDefinition<never>, "properties" | "diff" | "preview" | "deleteBeforeReplace"> & {
  update?: unknown;
};

/** A difference between state and inputs, in the engine's terms. */
export interface Diff {
  readonly differences: readonly Difference[];
  /** Top-level properties that replace. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The top-level property that a path belongs to. */
export function topLevel(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}

/** Checks a resource's inputs against its schema, then by its own rules. Changes `call.inputs` in place. */
export async function checkResource<Client>(
  resource: Pick<ResourceDefinition<Client>, "properties" | "check">,
  call: Omit<CheckCall<Client>, "fail">,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  checkProperties(resource.properties, call.inputs, failures);
  await resource.check?.({ ...call, fail: (property, reason) => failures.push({ property, reason }) });
  return failures;
}

/** Compares a resource's state with the inputs wanted. */
export function diffResource(
  resource: AnyResource,
  call: { id: string; state: Props; inputs: Props; ignoreChanges: readonly string[] },
): Diff {
  const ignored = new Set(call.ignoreChanges.map(topLevel));
  const planned = plan(resource.properties, call.inputs, call.state, ignored);
  let found = differences(resource.properties, call.state, planned);
  const replaces = new Set<string>();
  for (const item of found) if (item.replaces || resource.update === undefined) replaces.add(topLevel(item.path));
  resource.diff?.({
    id: call.id,
    state: call.state,
    planned,
    replace: (property) => replaces.add(property),
    ignore: (property) => {
      found = found.filter((item) => topLevel(item.path) !== property);
      replaces.delete(property);
    },
    differ: (path, kind) => {
      found = [...found, { path, kind, replaces: false }];
    },
  });
  return {
    differences: found,
    replaces: [...replaces],
    deleteBeforeReplace: replaces.size > 0 && resource.deleteBeforeReplace === true,
  };
}

/** What a preview shows for a create: inputs, defaults, and unknown outputs. */
export function previewCreate(resource: AnyResource, inputs: Props): Props {
  const planned = plan(resource.properties, inputs);
  resource.preview?.({ planned, state: undefined });
  return planned;
}

/**
 * The state that an update asks for, once there is something to update: undeclared volatile properties are unknown, so
 * they are neither shown with their old value nor sent.
 */
export function planUpdate(
  resource: AnyResource,
  state: Props,
  inputs: Props,
  ignoreChanges: readonly string[],
): Props {
  const ignored = new Set(ignoreChanges.map(topLevel));
  const planned = plan(resource.properties, inputs, state, ignored);
  for (const key in resource.properties) {
    const property = resource.properties[key]!;
    if (property.volatile && inputs[key] === undefined && !ignored.has(key)) planned[key] = UNKNOWN;
  }
  return planned;
}

/** Finds a resource type by its URN (`…::parent$type::name`). */
export function resourceOf<Client>(
  definition: ProviderDefinition<Client>,
  urn: string,
): { resource: ResourceDefinition<Client>; name: string } {
  const { type, name } = parseUrn(urn);
  const resource = definition.resources[type];
  if (resource === undefined)
    throw new Error(`unrecognized resource type (${type}): not part of this provider ${definition.name}`);
  return { resource, name };
}
