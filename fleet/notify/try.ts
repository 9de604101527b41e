import { plainLine } from "../../errors/plain.ts";
import type { NotifyReceiver } from "../../model/index.ts";
import { type Env, makeReceiver, variablesOf } from "./receivers/index.ts";

/** Waits for one receiver, ms. */
const WAIT_MS = 10_000;

/** What a receiver said to a test message. */
export interface Tried {
  readonly name: string;
  readonly kind: string;
  readonly ok: boolean;
  /** Why not; empty when it took it. */
  readonly reason: string;
}

/** Sends a test message to each receiver at once. @param by who asks for it */
export function tryReceivers(receivers: readonly NotifyReceiver[], env: Env, by: string): Promise<readonly Tried[]> {
  return Promise.all(receivers.map((config) => tryOne(config, env, by)));
}

async function tryOne(config: NotifyReceiver, env: Env, by: string): Promise<Tried> {
  const { name, kind } = config;
  const missing = variablesOf(config).filter((variable) => !env[variable]);
  if (missing.length > 0) return { name, kind, ok: false, reason: `${missing.join(", ")} is not set` };
  const at = new Date().toISOString();
  const message = {
    thread: `test-${at}`,
    topic: "done" as const,
    at,
    title: "sitefleet: test message",
    lines: [plainLine(`by ${by}, to ${name}`)],
    over: kind !== "issue",
  };
  try {
    const receiver = await makeReceiver(config, env);
    const delivery = await receiver.send(message, undefined, AbortSignal.timeout(WAIT_MS));
    if (delivery.result !== "delivered") return { name, kind, ok: false, reason: delivery.reason };
    // A test leaves no open issue.
    if (kind === "issue" && delivery.handle !== undefined)
      await receiver.send({ ...message, over: true }, delivery.handle, AbortSignal.timeout(WAIT_MS));
    return { name, kind, ok: true, reason: "" };
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    return { name, kind, ok: false, reason: late ? `no answer in ${WAIT_MS / 1000} s` : "its address cannot be used" };
  }
}
