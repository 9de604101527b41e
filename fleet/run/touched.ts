import { z } from "zod";
import type { StackState } from "../../stacks/desired.ts";
import { sharedNames } from "../../stacks/fingerprint.ts";
import { PLESK_STACK } from "../../stacks/names.ts";
import { type Role, roleOf } from "../../vendors/index.ts";
import type { StateResource } from "../backend/states/checkpoint.ts";
import type { Step } from "../engine/outcome.ts";

const idsSchema = z.object({
  projects: z.record(z.string(), z.string()).catch({}),
  zones: z.record(z.string(), z.string()).catch({}),
});
/** The ids that other stacks read of the shared one, by name. */
export type SharedIds = z.infer<typeof idsSchema>;

/** Roles behind the secrets that the Plesk stack reads. */
const SECRETS: readonly (Role | undefined)[] = ["generated", "secret"];

/** The ids in a state of the shared stack; none where it has no outputs yet. Pure. */
export function sharedIds(resources: readonly StateResource[]): SharedIds {
  const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  const read = idsSchema.safeParse(outputs ?? {});
  return read.success ? read.data : { projects: {}, zones: {} };
}

/**
 * Stacks that read something of the shared stack that its update has changed: a project or zone has another id, or a secret
 * another value. Each must be updated as well, although it is as declared. Pure.
 *
 * @param before Ids before the update
 * @param after Ids after it
 * @param steps What the update did
 * @param states What the other stacks are
 */
export function touchedStacks(
  { before, after, steps }: { before: SharedIds; after: SharedIds; steps: readonly Pick<Step, "type" | "op">[] },
  states: ReadonlyMap<string, StackState>,
): string[] {
  const secrets = steps.some(({ type }) => SECRETS.includes(roleOf(type)));
  const moved = (map: keyof SharedIds, name: string) => before[map][name] !== after[map][name];
  return [...states].flatMap(([stack, state]) => {
    const reads = sharedNames(state).some(({ map, name }) => moved(map, name));
    return reads || (secrets && stack === PLESK_STACK) ? [stack] : [];
  });
}
