import { SMTPServer } from "smtp-server";
import type { FaultController, Served } from "../core/index.ts";
import type { ChatVendor } from "./index.ts";

/** Bytes of a mail that are kept. */
const MOST_BYTES = 1_000_000;

/**
 * A mail server that delivers to the chat vendor's list, whatever the address. Faults about vendor `chat` and path `/mail` hold for it: `hang`
 * never answers, a `status` is SMTP's 4xx for 429 and 5xx, and a refusal for good for the other 4xx.
 */
export async function serveMail(
  chat: ChatVendor,
  port: number,
  faults: FaultController,
): Promise<Pick<Served, "port" | "close">> {
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    authOptional: true,
    size: MOST_BYTES,
    disableReverseLookup: true,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? "" }),
    onMailFrom(_from, _session, done) {
      const call = { vendor: "chat" as const, method: "POST", path: "/mail", caller: "", body: async () => "" };
      void faults.pick(call).then((fault) => {
        const action = fault?.action;
        if (action === undefined) done();
        else if (action.type === "status") done(refusal(action.status));
        else if (action.type === "drop") done(refusal(503));
        // `hang`: nothing is answered, and the client gives up.
      });
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        chat.receiveMail(to, Buffer.concat(chunks).toString("utf8"));
        done();
      });
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  const { port: open } = server.server.address() as { port: number };
  return { port: open, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const refusal = (status: number): Error & { responseCode: number } =>
  Object.assign(new Error("ordered by a fault"), { responseCode: status === 429 || status >= 500 ? 451 : 550 });
