import { isStackUrn } from "../../../provider/framework/urn.ts";
import { isClosedWith, KEEPER } from "../secrets/keeper.ts";
import type { StackKey } from "../secrets/stack-key.ts";
import { readIn } from "../store/copy-place.ts";
import { placesOf } from "../store/project.ts";
import { exported } from "./state-text.ts";

/** States that were read for their outputs, by stack: all cells of a run read those of the shared one. */
const referred = new Map<string, { readonly text: string; readonly state: ReturnType<typeof exported> }>();

/**
 * States as a service answers them. Each is read once.
 *
 * @param dir with the engine's states
 * @param stack what is worked on. Of others only their outputs are answered
 * @param key that the service has for the engine. @default the engine makes it
 */
export function exportsOf(dir: string, stack: string, key?: StackKey) {
  const known = new Map<string, ReturnType<typeof exported> | undefined>();
  return (name: string) => {
    if (!known.has(name)) {
      const text = readIn(dir, placesOf(name).state);
      const state = text === undefined ? undefined : name === stack ? exported(text) : outputsIn(name, text);
      known.set(name, state && forEngine(state, key));
    }
    return known.get(name);
  };
}

/** Of another stack's state what a reference to it reads: the stack itself, with its outputs. @param text of the state's file */
function outputsIn(stack: string, text: string): ReturnType<typeof exported> {
  const before = referred.get(stack);
  if (before?.text === text) return before.state;
  const { deployment, ...rest } = exported(text);
  const resources = deployment?.resources?.filter(({ urn, parent }) => isStackUrn(urn) && !parent);
  const state = { ...rest, deployment: deployment && { ...deployment, resources, pending_operations: [] } };
  referred.set(stack, { text, state });
  return state;
}

/** A state whose secrets the engine opens with the service's key; one that another key closed stays as it is, and the engine opens it. */
function forEngine(state: ReturnType<typeof exported>, key: StackKey | undefined): ReturnType<typeof exported> {
  const { deployment } = state;
  if (key === undefined || deployment === null || !isClosedWith(deployment.secrets_providers, key)) return state;
  return { ...state, deployment: { ...deployment, secrets_providers: KEEPER } };
}
