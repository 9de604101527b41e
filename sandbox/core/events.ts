import type { VendorName } from "./names.ts";

/**
 * Something that happened at a vendor and that another part of the sandbox wants to know, e.g.
 * `{ vendor: "vercel", type: "alias.assigned", data: { host, deploymentId } }`. Never carries a secret.
 */
interface SandboxEvent {
  readonly vendor: VendorName;
  /** Dotted, lower case, noun first: `alias.assigned`, `record.created`, `message.posted`. */
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Gets every event, in the order of publication. */
type EventListener = (event: SandboxEvent) => void;

/** Synchronous publish and subscribe. */
export interface EventBus {
  publish(event: SandboxEvent): void;
  /** @returns a function that ends the subscription */
  subscribe(listener: EventListener): () => void;
}

/** Makes an {@link EventBus}. A listener that throws is reported and does not keep the others from hearing. */
export function createEventBus(onError: (error: unknown) => void = () => {}): EventBus {
  const listeners = new Set<EventListener>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
