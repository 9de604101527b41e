import type { EngineEvent } from "./event-log.ts";

type Props = Readonly<Record<string, unknown>>;

/** A create that failed, with what the program declared. */
export interface FailedCreate {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent?: string;
  /** URN and id of the provider, joined by `::`. */
  readonly provider?: string;
  readonly protect?: boolean;
  /** Without the secrets in them. */
  readonly inputs: Record<string, unknown>;
}

/** Operations that make an object. */
const CREATES = new Set(["create", "create-replacement"]);
/** Key that marks a value of special kind, a secret among them (pulumi sdk, resource/sig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Whether a value stands in for one that the event does not show: a text on the display, a marked object in JSON. */
const isMask = (value: unknown): boolean =>
  value === "[secret]" || (typeof value === "object" && value !== null && SIGNATURE in value);

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
      parent: parent === "" ? undefined : parent,
      provider: provider === "" ? undefined : provider,
      protect: protect === true ? protect : undefined,
    });
  }

  /** The creates that failed, in the order of their failures. */
  list(): readonly FailedCreate[] {
    return [...this.#failed.values()];
  }
}

/** Leaves out what the event has masked, however deep: a mask must never be taken for a value. */
function withoutSecrets(inputs: Props): Record<string, unknown> {
  const kept = Object.entries(inputs).filter(([, value]) => !isMask(value));
  return Object.fromEntries(kept.map(([key, value]) => [key, unmasked(value)]));
}

function unmasked(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isMask(item)).map(unmasked);
  return typeof value === "object" && value !== null ? withoutSecrets(value as Props) : value;
}
