import { z } from "zod";
import type { StackState } from "../../../stacks/desired.ts";

/** A resource of a state as the engine wrote it: only what is looked at is named, and most of it is other fields. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string | undefined;
  /** Replaced already; waits for its deletion. */
  readonly delete?: boolean | undefined;
  /** Changes with the resource, never without. */
  readonly modified?: string | undefined;
  readonly [field: string]: unknown;
}

const isText = (value: unknown): value is string | undefined => value === undefined || typeof value === "string";

function isResource(value: unknown): value is StateResource {
  const { urn, type, delete: goes } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof urn === "string" && typeof type === "string" && (goes === undefined || typeof goes === "boolean");
}

/** Every state of a run is read by this: an object schema would copy each resource with all its fields. */
const resourceSchema = z.custom<StateResource>(isResource).transform((resource) => {
  const { id, modified } = resource as Readonly<Record<string, unknown>>;
  if (isText(id) && isText(modified)) return resource;
  return { ...resource, id: isText(id) ? id : undefined, modified: isText(modified) ? modified : undefined };
});
const latestSchema = z.looseObject({
  resources: z.array(resourceSchema).nullish(),
  pending_operations: z.array(z.looseObject({ resource: resourceSchema })).nullish(),
});
const deployedSchema = z.object({
  deployed: z.record(
    z.string(),
    z.object({ release: z.string(), spec: z.string(), artifact: z.string().optional().catch(undefined) }),
  ),
});
const outputsSchema = z.object({ desired: z.string() });

/** A state as far as going back looks at it. */
export interface Checkpoint {
  readonly resources: readonly StateResource[];
  /** What an engine had begun when it was ended. */
  readonly pending: readonly StateResource[];
}

/** Reads a state as backends keep it, or as `pulumi stack export` prints it; of anything else nothing is known. Pure. */
export function readCheckpoint(document: unknown): Checkpoint {
  const { checkpoint, deployment } = (document ?? {}) as {
    readonly checkpoint?: { readonly latest?: unknown };
    readonly deployment?: unknown;
  };
  const latest = latestSchema.safeParse(checkpoint?.latest ?? deployment ?? {});
  if (!latest.success) return { resources: [], pending: [] };
  const pending = (latest.data.pending_operations ?? []).map(({ resource }) => resource);
  return { resources: latest.data.resources ?? [], pending };
}

/** The desired state that a stack's outputs hold. Pure. */
export function desiredOf(resources: readonly StateResource[]): StackState | undefined {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = outputsSchema.safeParse(stack?.outputs);
  return outputs.success ? (JSON.parse(outputs.data.desired) as StackState) : undefined;
}

/** What the last update of the services' stack noted of a service. */
export interface DeployedService {
  /** Its release. */
  readonly release: string;
  /** Digest of what was asked for, see `specDigest`. */
  readonly spec: string;
  /** Name of its artifact, where that is an older one. */
  readonly artifact?: string | undefined;
}

/** What the services' stack notes of its last deployments, by service; empty where there was none. Pure. */
export function deployedOf(resources: readonly StateResource[]): Readonly<Record<string, DeployedService>> {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = deployedSchema.safeParse(stack?.outputs);
  return outputs.success ? outputs.data.deployed : {};
}
