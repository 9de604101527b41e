import { Hono } from "hono";
import type { ChatMessage, Mailbox } from "./state.ts";

/**
 * The part of Mailpit's API that finds a mail and reads it (https://mailpit.axllent.org/docs/api-v1/): `search` with `to:ADDRESS`, and
 * `message`.
 */
export function mailpitRoutes(mailbox: Mailbox): Hono {
  const app = new Hono();
  const mails = (): ChatMessage[] => mailbox.all().filter(({ service }) => service === "mail");
  app.get("/mailpit/api/v1/search", (c) => {
    const wanted = /\bto:"?([^\s"]+)"?/.exec(c.req.query("query") ?? "")?.[1]?.toLowerCase();
    const found = mails().filter(({ channel }) =>
      channel
        .toLowerCase()
        .split(", ")
        .includes(wanted ?? ""),
    );
    const messages = found.toReversed().map((mail) => summaryOf(mail));
    return c.json({ total: mails().length, messages_count: messages.length, start: 0, messages });
  });
  app.get("/mailpit/api/v1/message/:id", (c) => {
    const mail = mails().find(({ id }) => id === c.req.param("id"));
    if (mail === undefined) return c.text("Not found", 404);
    return c.json({ ...summaryOf(mail), Text: textOf(mail.text), HTML: "" });
  });
  return app;
}

const summaryOf = (mail: ChatMessage) => ({
  ID: mail.id,
  Subject: headerOf(mail.text, "subject"),
  To: mail.channel.split(", ").map((Address) => ({ Name: "", Address })),
  Created: mail.at,
});

function headerOf(mail: string, name: string): string {
  const head = mail.split(/\r?\n\r?\n/, 1)[0]?.replace(/\r?\n[ \t]+/g, " ") ?? "";
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1] ?? "";
}

/** The text of a mail with one part, as nodemailer writes it. */
function textOf(mail: string): string {
  const body = mail.slice(mail.search(/\r?\n\r?\n/)).replace(/^\r?\n\r?\n/, "");
  const encoding = headerOf(mail, "content-transfer-encoding").toLowerCase();
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
