import type { Message } from "../message.ts";

/** What a receiver knows a thread by: Slack's `ts`, Discord's message id, an issue's number. */
type Handle = string;

/** What became of a delivery. `again`: later, not before `afterMs`; `refused`: never, and a person should hear why. */
export type Delivery =
  | { readonly result: "delivered"; readonly handle?: Handle | undefined }
  | { readonly result: "again"; readonly reason: string; readonly afterMs?: number | undefined }
  | { readonly result: "refused"; readonly reason: string };

/** A place that messages go to. */
export interface Receiver {
  /**
   * How messages of one thread follow each other. `update`: one message that is edited; `separate`: each stands for itself, and only
   * those that matter are sent; `every`: a program reads all.
   */
  readonly follows: "update" | "separate" | "every";
  /** Tells a message. Never throws but for what the signal was aborted with. @param handle of the thread, when it has been told of before */
  send(message: Message, handle: Handle | undefined, signal: AbortSignal): Promise<Delivery>;
}

/** An environment as receivers read it. */
export type Env = Readonly<Record<string, string | undefined>>;
