import type { EngineEvent } from "../engine/event-log.ts";
import type { Props } from "./state.ts";

/** A create that failed, with what the program declared. */
export interface FailedCreate {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent?: string;
  /** URN and id of the provider, joined by `::`. */
  readonly provider?: string;
  readonly protect?: boolean;
  /** Without those that hold secrets. */
  readonly inputs: Record<string, unknown>;
}

/** Operations that make an object. */
const CREATES = new Set(["create", "create-replacement"]);
/** How the engine's events write a secret. */
const MASK = "[secret]";

/** Collects from an operation's events which creates failed; the input of `adoptConflicts`. */
export class FailedCreates {
  readonly #failed = new Map<string, FailedCreate>();

  /** Takes one event; all but failures are ignored. */
  add(event: EngineEvent): void {
    const metadata = event.resOpFailedEvent?.metadata;
    const state = metadata?.new;
    if (metadata === undefined || state === undefined || !CREATES.has(metadata.op)) return;
    const { urn, type, custom, parent, provider, protect, inputs } = state;
    this.#failed.set(urn, {
      urn,
      type,
      custom: custom ?? false,
      inputs: withoutSecrets(inputs),
      ...(parent === "" ? {} : { parent }),
      ...(provider === "" ? {} : { provider }),
      ...(protect === true ? { protect } : {}),
    });
  }

  /** The creates that failed, in the order of their failures. */
  list(): readonly FailedCreate[] {
    return [...this.#failed.values()];
  }
}

/** Leaves out what the event has masked: a mask must never be taken for a value. */
function withoutSecrets(inputs: Props): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => !holdsMask(value)));
}

function holdsMask(value: unknown): boolean {
  if (value === MASK) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsMask);
}
