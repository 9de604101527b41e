import type { Output } from "@pulumi/pulumi";
import { unpacked } from "../policy/packed.ts";
import type { Declared, Part } from "./declared.ts";
import type { StackState } from "./desired.ts";
import { canonicalJson, digestOf } from "./digest.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Program } from "./program.ts";
import { PROJECT_ROOT } from "./root.ts";

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
  const stores = !pulumi.runtime.isDryRun();
  if (stores)
    pulumi.runtime.registerStackTransformation(({ resource }) => {
      registered.push(resource.urn);
      return undefined;
    });
  const { outputs, shared, complete = true } = await declare(state, part);
  const known = fingerprint(state, PROJECT_ROOT, pulumi.runtime.allConfig(), (map, name) => shared[map]?.[name]);
  // The engine stores outputs also when a resource has failed. This one must then be missing, or the next preview would
  // take the stack for up to date: it waits for every resource, and says nothing of a stack that was updated in part.
  const whole = pulumi.output(!stores || (isWhole(part) && complete));
  const settled = pulumi.all([whole, pulumi.all(registered)]).apply(([all]) => all);
  // Each domain's own message says what is missing. Thrown when nothing is under way any more, so that nothing is cut off.
  if (state.kind !== "plesk" && !part?.adopting && stores) {
    pulumi.all([complete, pulumi.all(registered)] as const).apply(([verified]) => {
      if (!verified)
        throw new pulumi.RunError("domain.unverified: another Vercel account holds a domain of this stack");
    });
  }
  // The others' program may have changed since they were declared: then no digest can speak for all.
  const current = part === undefined || part.cell?.current === true;
  const digest = settled.apply((all) => (all && current ? digestOf(known) : undefined));
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
