import { isStackUrn } from "../../../provider/framework/urn.ts";
import { isClosedWith, KEEPER } from "../secrets/keeper.ts";
import type { StackKey } from "../secrets/stack-key.ts";
import { readIn } from "../store/copy-place.ts";
import { placesOf } from "../store/project.ts";
import { type Left, StatePart } from "./state-part.ts";
import { exported } from "./state-text.ts";

type Exported = ReturnType<typeof exported>;

/** States that were read for their outputs, by stack: all cells of a run read those of the shared one. */
const referred = new Map<string, { readonly text: string; readonly state: Exported }>();

/** What states are answered from. */
interface ExportsOptions {
  /** Directory with the engine's states. */
  readonly dir: string;
  /** What is worked on. Of others only their outputs are answered. */
  readonly stack: string;
  /** That the service has for the engine. @default the engine makes it */
  readonly key?: StackKey | undefined;
  /** Sites that the operation is limited to. @default none: the whole state is answered */
  readonly sites?: readonly string[] | undefined;
  /** Told what an answered part leaves out. */
  readonly onLeft?: ((left: Left) => void) | undefined;
}

/** States as a service answers them. Each is read once. */
export class Exports {
  readonly #options: ExportsOptions;
  readonly #known = new Map<string, Exported | undefined>();
  #part: StatePart | undefined;

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  /** The state of a stack; undefined when there is no such stack. */
  of(name: string): Exported | undefined {
    if (!this.#known.has(name)) {
      const text = readIn(this.#options.dir, placesOf(name).state);
      const state =
        text === undefined ? undefined : name === this.#options.stack ? this.#own(text) : outputsIn(name, text);
      this.#known.set(name, state && forEngine(state, this.#options.key));
    }
    return this.#known.get(name);
  }

  /** The part of the state of what is worked on that has been answered in place of all of it. */
  get part(): StatePart | undefined {
    return this.#part;
  }

  #own(text: string): Exported {
    const state = exported(text);
    const { key, sites, onLeft } = this.#options;
    // What is closed with another key the engine closes anew, all of it.
    const stays = key && isClosedWith(state.deployment?.secrets_providers, key);
    this.#part = sites && state.deployment && stays ? StatePart.of(state.deployment, sites) : undefined;
    if (this.#part === undefined) return state;
    onLeft?.(this.#part.left);
    return { ...state, deployment: this.#part.deployment };
  }
}

/** Of another stack's state what a reference to it reads: the stack itself, with its outputs. @param text of the state's file */
function outputsIn(stack: string, text: string): Exported {
  const before = referred.get(stack);
  if (before?.text === text) return before.state;
  const { deployment, ...rest } = exported(text);
  const resources = deployment?.resources?.filter(({ urn, parent }) => isStackUrn(urn) && !parent);
  const state = { ...rest, deployment: deployment && { ...deployment, resources, pending_operations: [] } };
  referred.set(stack, { text, state });
  return state;
}

/** A state whose secrets the engine opens with the service's key; one that another key closed stays as it is, and the engine opens it. */
function forEngine(state: Exported, key: StackKey | undefined): Exported {
  const { deployment } = state;
  if (key === undefined || deployment === null || !isClosedWith(deployment.secrets_providers, key)) return state;
  return { ...state, deployment: { ...deployment, secrets_providers: KEEPER } };
}
