import { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";

const props = z.record(z.string(), z.unknown());

const resourceSchema = z.looseObject({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean().optional(),
  /** Read, not managed. */
  external: z.boolean().optional(),
  id: z.string().optional(),
  inputs: props.optional(),
  outputs: props.optional(),
  parent: z.string().optional(),
  /** URN and id of the provider, joined by `::`. */
  provider: z.string().optional(),
  dependencies: z.array(z.string()).optional(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).optional(),
  /** Replaced already; waits for its deletion. */
  delete: z.boolean().optional(),
  /** Deleted already; waits for its replacement. */
  pendingReplacement: z.boolean().optional(),
});

/** What the engine was doing when it was interrupted. */
export const OPERATIONS = ["creating", "updating", "deleting", "reading", "importing"] as const;

const exportSchema = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({
    manifest: z.looseObject({ time: z.string().optional() }).optional(),
    resources: z.array(resourceSchema).optional(),
    pending_operations: z.array(z.looseObject({ resource: resourceSchema, type: z.enum(OPERATIONS) })).nullish(),
  }),
});

/** One resource of a stack's state, unknown fields included. */
export type Resource = z.infer<typeof resourceSchema>;
/** A kind of interrupted operation. */
export type Operation = (typeof OPERATIONS)[number];
/** An operation that the engine had begun and not ended. */
export type PendingOperation = NonNullable<Exported["deployment"]["pending_operations"]>[number];
/** What `pulumi stack export` prints. Fields that are not looked at travel through unchanged. */
export type Exported = z.infer<typeof exportSchema>;

/**
 * Reads an export.
 *
 * @throws SitefleetError `repair.state` when it has another shape
 */
export function parseExport(text: string, stack: string): Exported {
  try {
    return exportSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SitefleetError({
      code: "repair.state",
      message: "the stack's exported state has a shape that is not known",
      subject: stack,
      hint: "look at `pulumi stack export`; its `pending_operations` have to be resolved by hand",
      cause,
    });
  }
}

/** The operations that were interrupted, in the engine's order. Pure. */
export function pendingOperations(state: Exported): readonly PendingOperation[] {
  return state.deployment.pending_operations ?? [];
}

/** True for a resource that was put into the state without its properties, for the provider to read it. Pure. */
export function isSkeleton(resource: Resource): boolean {
  return (
    resource.custom === true &&
    resource.external !== true &&
    resource.delete !== true &&
    Object.keys(resource.outputs ?? {}).length === 0
  );
}
