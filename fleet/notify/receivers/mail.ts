import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { plainLine } from "../../../errors/plain.ts";
import type { NotifyReceiver } from "../../../model/index.ts";
import type { Env, Receiver } from "./types.ts";

/** Waits for connection, greeting and each answer, ms. */
const WAIT_MS = 5000;

/** Where a server is: `smtps://user:password@host:port`, or `smtp://` for one that is asked for TLS. @throws TypeError */
function serverOf(address: string) {
  const { protocol, hostname, port, username, password } = new URL(address);
  if (protocol !== "smtp:" && protocol !== "smtps:") throw new TypeError("no address of a mail server");
  const secure = protocol === "smtps:";
  const auth = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    // A password never goes over a line that others can read.
    requireTLS: !secure && username !== "",
    ...(username === "" ? {} : { auth }),
  };
}

/** Mail in plain text. Mails of one thread name the same first one, so that clients show them together. */
export async function mail(config: Extract<NotifyReceiver, { kind: "mail" }>, env: Env): Promise<Receiver> {
  // Now, and not when the run's end waits for it.
  const { createTransport } = await import("nodemailer");
  const domain = config.from.split("@")[1] ?? "localhost";
  return {
    follows: "separate",
    async send(message, _handle, signal) {
      let socket: Socket | undefined;
      const transport = createTransport({
        ...serverOf(env[config.server] ?? ""),
        connectionTimeout: WAIT_MS,
        greetingTimeout: WAIT_MS,
        socketTimeout: WAIT_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
        // A connection of our own can be cut: closing a transport leaves the one that is in use, and the process would wait for it.
        getSocket({ host, port }: { host: string; port: number }, done: (error: Error | null, found?: object) => void) {
          const fresh = connect({ host, port });
          socket = fresh;
          if (signal.aborted) fresh.destroy();
          fresh.once("error", done);
          fresh.once("connect", () => {
            fresh.removeListener("error", done);
            done(null, { connection: fresh });
          });
        },
      } as never);
      const close = () => {
        transport.close();
        socket?.destroy();
      };
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
        close();
      }
    },
  };
}
