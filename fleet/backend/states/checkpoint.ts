import { z } from "zod";
import type { StackState } from "../../../stacks/desired.ts";

const textSchema = z.string().optional().catch(undefined);

/** Only what is looked at: states are large, and most of them is other fields. */
const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: textSchema,
  /** Replaced already; waits for its deletion. */
  delete: z.boolean().optional(),
  /** Changes with the resource, never without. */
  modified: textSchema,
});
const latestSchema = z.looseObject({
  resources: z.array(resourceSchema).nullish(),
  pending_operations: z.array(z.looseObject({ resource: resourceSchema })).nullish(),
});
const deployedSchema = z.object({
  deployed: z.record(z.string(), z.object({ release: z.string(), spec: z.string(), artifact: textSchema })),
});
const outputsSchema = z.object({ desired: z.string() });

/** A resource of a state as the engine wrote it; inputs and outputs are what they are. */
export type StateResource = z.infer<typeof resourceSchema>;

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
