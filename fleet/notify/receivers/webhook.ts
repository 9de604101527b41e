import { createHmac } from "node:crypto";
import type { NotifyReceiver } from "../../../model/index.ts";
import { delivery, send } from "./http.ts";
import type { Env, Receiver } from "./types.ts";

/**
 * The signature of a body: HMAC-SHA-256 over the time, a point and the body. A receiver checks it, and that the time is not long ago, so
 * that a recorded body is worth nothing later. Pure.
 */
export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;

/** A web hook for programs, n8n among them: every message as JSON, signed. */
export function webhook(
  config: Extract<NotifyReceiver, { kind: "webhook" }>,
  env: Env,
  now: () => number = Date.now,
): Receiver {
  const url = env[config.url] ?? "";
  const secret = env[config.secret] ?? "";
  return {
    follows: "every",
    send(message, _handle, signal) {
      const id = `${message.thread}/${message.topic}/${message.at}`;
      const timestamp = String(Math.floor(now() / 1000));
      const sign = (text: string) => ({
        "x-sitefleet-id": id,
        "x-sitefleet-timestamp": timestamp,
        "x-sitefleet-signature": signatureOf(secret, timestamp, text),
      });
      return delivery(() => send({ url, body: { version: 1, id, ...message }, sign }, signal), signal);
    },
  };
}
