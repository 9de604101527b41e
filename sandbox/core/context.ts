import { createEventBus, type EventBus } from "./events.ts";
import type { DnsView, VendorContext, VendorOptions } from "./vendor.ts";

/** What {@link createContext} can be told; all of it optional. */
export interface ContextParts {
  readonly options?: VendorOptions;
  readonly events?: EventBus;
  readonly dns?: DnsView;
  readonly secretArrived?: VendorContext["secretArrived"];
  readonly now?: () => number;
  /** Called after every change of a vendor's state. @default nothing */
  readonly changed?: () => void;
}

/** A {@link VendorContext} with the usual defaults: the machine's clock, a bus of its own, no seeds. */
export function createContext(parts: ContextParts = {}): VendorContext {
  return {
    now: parts.now ?? Date.now,
    options: parts.options ?? {},
    events: parts.events ?? createEventBus(),
    changed: parts.changed ?? (() => {}),
    ...(parts.dns === undefined ? {} : { dns: parts.dns }),
    ...(parts.secretArrived === undefined ? {} : { secretArrived: parts.secretArrived }),
  };
}
