import { type Context, Hono } from "hono";
import type { ChatMessage, Mailbox } from "./state.ts";

/** Longest content in characters, and most embeds, of a message (Discord, "Execute Webhook"). */
const MAX_CONTENT = 2000;
const MAX_EMBEDS = 10;

type Body = Readonly<Record<string, unknown>>;

/** Discord's webhooks, below `/api/webhooks` and `/api/v10/webhooks`. */
export function discordRoutes(mailbox: Mailbox): Hono {
  const app = new Hono();

  app.get("/:id/:token", (c) => {
    const id = c.req.param("id");
    return c.json({ type: 1, id, name: "sitefleet", avatar: null, channel_id: id, guild_id: id, application_id: null });
  });

  app.post("/:id/:token", async (c) => {
    const body = await readBody(c);
    if (body instanceof Response) return body;
    const username = typeof body.username === "string" ? body.username : null;
    const { text, parts } = contentOf(body);
    const message = mailbox.post({ service: "discord", channel: c.req.param("id"), text, username, parts });
    // Without `wait` Discord confirms nothing but the receipt.
    return c.req.query("wait") === "true" ? c.json(show(message)) : c.body(null, 204);
  });

  app.patch("/:id/:token/messages/:message", async (c) => {
    const message = mailbox.find("discord", c.req.param("message"));
    if (message === undefined) return unknownMessage(c);
    const body = await readBody(c);
    if (body instanceof Response) return body;
    mailbox.edit(message, contentOf(body));
    return c.json(show(message));
  });

  app.delete("/:id/:token/messages/:message", (c) => {
    const message = mailbox.find("discord", c.req.param("message"));
    if (message === undefined) return unknownMessage(c);
    mailbox.remove(message);
    return c.body(null, 204);
  });

  return app;
}

/** The body, or the answer that refuses it. */
async function readBody(c: Context): Promise<Body | Response> {
  let body: Body;
  try {
    body = (await c.req.json()) as Body;
  } catch {
    return c.json({ message: "The request body contains invalid JSON.", code: 50109 }, 400);
  }
  const { text, parts } = contentOf(body ?? {});
  if (text.length > MAX_CONTENT) {
    return invalidForm(c, "content", "BASE_TYPE_MAX_LENGTH", `Must be ${MAX_CONTENT} or fewer in length.`);
  }
  if (parts.length > MAX_EMBEDS) {
    return invalidForm(c, "embeds", "BASE_TYPE_MAX_LENGTH", `Must be ${MAX_EMBEDS} or fewer in length.`);
  }
  if (text === "" && parts.length === 0) return c.json({ message: "Cannot send an empty message", code: 50006 }, 400);
  return body;
}

function invalidForm(c: Context, field: string, code: string, message: string): Response {
  return c.json(
    { message: "Invalid Form Body", code: 50035, errors: { [field]: { _errors: [{ code, message }] } } },
    400,
  );
}

function unknownMessage(c: Context): Response {
  return c.json({ message: "Unknown Message", code: 10008 }, 404);
}

function contentOf(body: Body): { text: string; parts: unknown[] } {
  return {
    text: typeof body.content === "string" ? body.content : "",
    parts: Array.isArray(body.embeds) ? body.embeds : [],
  };
}

function show(message: ChatMessage): Record<string, unknown> {
  return {
    id: message.id,
    type: 0,
    content: message.text,
    channel_id: message.channel,
    webhook_id: message.channel,
    author: { bot: true, id: message.channel, username: message.username ?? "sitefleet" },
    embeds: message.parts,
    attachments: [],
    timestamp: message.at,
    edited_timestamp: message.edited,
  };
}
