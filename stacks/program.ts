import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Output } from "@pulumi/pulumi";
import { environment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { type Catalog, loadCatalog } from "../model/index.ts";
import { contextOf, type PackedContext, packed, unpacked } from "../policy/context.ts";
import { dnsVendors } from "../vendors/index.ts";
import { readArtifacts } from "./artifacts.ts";
import type { Declared, Part } from "./declared.ts";
import { desiredState, type StackState } from "./desired.ts";
import { canonicalJson, digestOf } from "./digest.ts";
import { fingerprint } from "./fingerprint.ts";
import { PLESK_STACK } from "./names.ts";

/** The project's root folder, where Pulumi.yaml lies. */
export const PROJECT_ROOT = resolve(fileURLToPath(import.meta.url), "../..");

/** The catalog's directory: SITEFLEET_CATALOG, else `catalog` in the project. */
export function catalogDir(): string {
  const dir = environment().SITEFLEET_CATALOG;
  return dir === undefined || dir === "" ? "catalog" : dir;
}

/** What a program needs; loaded once when many stacks run in one process. */
export interface Inputs {
  readonly catalog: Catalog;
  /** Desired state of a stack. @throws SitefleetError `stack.unknown` */
  state(stack: string): Promise<StackState>;
  /** What the policies know of the catalog. */
  readonly policies: PackedContext;
}

/** What declaring one stack needs. */
export type Program = Pick<Inputs, "state"> & Partial<Pick<Inputs, "policies">>;

/** Reads the catalog. @throws SitefleetError `catalog.invalid` */
export function loadInputs(dir: string = catalogDir()): Inputs {
  const catalog = loadCatalog(resolve(PROJECT_ROOT, dir), dnsVendors());
  return { catalog, state: (stack) => stateOf(catalog, stack), policies: packed(contextOf(catalog)) };
}

async function stateOf(catalog: Catalog, stack: string): Promise<StackState> {
  const artifacts = stack === PLESK_STACK ? await readArtifacts(catalog, PROJECT_ROOT) : undefined;
  const state = desiredState(catalog, stack, artifacts);
  if (state !== undefined) return state;
  throw new SitefleetError({
    code: "stack.unknown",
    message: `${stack} is no stack of this project`,
    subject: stack,
    hint: "stacks are prod, prod-plesk, prod-cell-canary and prod-cell-00 to prod-cell-63; `sitefleet cells` lists them",
  });
}

/**
 * Declares one stack's resources. Runs inside a Pulumi program; returns the stack's outputs.
 *
 * @param inputs The resources are held against its policies; without any what goes back to an earlier state is not held up by rules of
 *   today.
 * @param part What the engine is told to limit itself to; everything is declared all the same. @default nothing
 */
export async function runStack(inputs: Program, stack: string, part?: Part): Promise<Record<string, unknown>> {
  const state = await inputs.state(stack);
  // Not at the top: commands read the catalog through this module and declare nothing.
  const pulumi = await import("@pulumi/pulumi");
  if (inputs.policies) (await import("./policies.ts")).enforcePolicies(unpacked(inputs.policies));
  const registered: Output<string>[] = [];
  pulumi.runtime.registerStackTransformation(({ resource }) => {
    registered.push(resource.urn);
    return undefined;
  });
  const { outputs, shared, complete = true } = await declare(state, part);
  const known = fingerprint(state, PROJECT_ROOT, pulumi.runtime.allConfig(), (map, name) => shared[map]?.[name]);
  // The engine stores outputs also when a resource has failed. This one must then be missing, or the next preview would
  // take the stack for up to date: it waits for every resource, and says nothing of a stack that was updated in part.
  const whole = pulumi.runtime.isDryRun() ? pulumi.output(true) : pulumi.output(isWhole(part) && complete);
  const settled = pulumi.all([whole, pulumi.all(registered)]).apply(([all]) => all);
  // Each domain's own message says what is missing. Thrown when nothing is under way any more, so that nothing is cut off.
  if (state.kind !== "plesk" && !part?.adopting && !pulumi.runtime.isDryRun()) {
    pulumi.all([complete, pulumi.all(registered)] as const).apply(([verified]) => {
      if (!verified)
        throw new pulumi.RunError("domain.unverified: another Vercel account holds a domain of this stack");
    });
  }
  // The others' program may have changed since they were declared: of some sites no digest can speak for all.
  const digest = settled.apply((all) => (all && part === undefined ? digestOf(known) : undefined));
  // What a rollback goes back to: the state's earlier copies hold it, on every backend. Text, so that it stays one line.
  const desired = settled.apply((all) => (all ? canonicalJson(state) : undefined));
  return { ...outputs, digest, desired };
}

/** Whether the stack is known whole when this part of it has been done well. */
function isWhole(part: Part | undefined): boolean {
  return part === undefined || (part.services === undefined && part.cell?.whole === true);
}

/** Loads only the SDKs that the stack uses: starting the program is most of what a small stack costs. */
async function declare(state: StackState, part: Part | undefined): Promise<Declared> {
  switch (state.kind) {
    case "cell":
      return (await import("./cell.ts")).cellProgram(state, part);
    case "shared":
      return (await import("./shared.ts")).sharedProgram(state, part);
    case "plesk":
      return (await import("./plesk.ts")).pleskProgram(state, part);
  }
}
