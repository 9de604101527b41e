import { createHash } from "node:crypto";
import { plainLine } from "../../../errors/plain.ts";
import type { NotifyReceiver } from "../../../model/index.ts";
import type { Env, Receiver } from "./types.ts";

/** Waits for connection, greeting and each answer, ms. */
const WAIT_MS = 5000;

/** Mail in plain text. Mails of one thread name the same first one, so that clients show them together. */
export function mail(config: Extract<NotifyReceiver, { kind: "mail" }>, env: Env): Receiver {
  const domain = config.from.split("@")[1] ?? "localhost";
  return {
    follows: "separate",
    async send(message, _handle, signal) {
      const { createTransport } = await import("nodemailer");
      const transport = createTransport({
        url: env[config.server] ?? "",
        connectionTimeout: WAIT_MS,
        greetingTimeout: WAIT_MS,
        socketTimeout: WAIT_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      } as never);
      const close = () => transport.close();
      signal.addEventListener("abort", close, { once: true });
      const root = `<${createHash("sha256").update(message.thread).digest("hex").slice(0, 32)}@${domain}>`;
      try {
        const sent = transport.sendMail({
          from: config.from,
          to: [...config.to],
          subject: plainLine(message.title, 150),
          text: `${[message.title, "", ...message.lines].join("\n")}\n`,
          references: root,
          inReplyTo: root,
          headers: { "Auto-Submitted": "auto-generated" },
        });
        const aborted = new Promise<never>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        );
        await Promise.race([sent, aborted]);
        return { result: "delivered" };
      } catch (error) {
        signal.throwIfAborted();
        const { responseCode = 0, code } = error as { responseCode?: number; code?: string };
        const reason = responseCode > 0 ? `status ${responseCode}` : (code ?? "it does not answer");
        return responseCode >= 500 || code === "EAUTH" ? { result: "refused", reason } : { result: "again", reason };
      } finally {
        signal.removeEventListener("abort", close);
        transport.close();
      }
    },
  };
}
