import { type Context, Hono } from "hono";
import type { ChatSeed } from "../core/index.ts";
import type { ChatMessage, Mailbox } from "./state.ts";

/** Longest text of a message, in characters (chat.postMessage, "msg_too_long"). */
const MAX_TEXT = 40_000;
/** Most blocks and attachments of a message (Block Kit and message attachment reference). */
const MAX_BLOCKS = 50;
const MAX_ATTACHMENTS = 100;

const CHANNELS = ["general", "deployments", "alerts"];

type Body = Readonly<Record<string, unknown>>;

/** Slack: incoming webhooks below `/services`, the Web API below `/api`. */
export function slackRoutes(mailbox: Mailbox, seed: ChatSeed): Hono {
  const app = new Hono();
  const names = new Set(seed.channels ?? CHANNELS);

  app.post("/services/:team/:hook/:token", async (c) => {
    const body = await readBody(c);
    if (body === undefined) return c.text("invalid_payload", 400);
    const problem = problemOf(body);
    if (problem !== undefined) return c.text(problem === "msg_too_long" ? "invalid_payload" : problem, 400);
    const channel = typeof body.channel === "string" ? body.channel.replace(/^#/, "") : "general";
    if (!names.has(channel)) return c.text("channel_not_found", 404);
    post(mailbox, channel, body);
    return c.text("ok");
  });

  app.post("/api/auth.test", (c) => {
    const refusal = authenticate(c);
    if (refusal !== undefined) return c.json(refusal);
    return c.json({
      ok: true,
      url: "https://sandbox.slack.com/",
      team: "Sandbox",
      user: "sitefleet",
      team_id: "T00000000",
      user_id: "U00000000",
    });
  });

  app.on(["GET", "POST"], "/api/conversations.list", (c) => {
    const refusal = authenticate(c);
    if (refusal !== undefined) return c.json(refusal);
    const channels = [...names].map((name) => ({ id: channelId(name), name, is_channel: true, is_archived: false }));
    return c.json({ ok: true, channels, response_metadata: { next_cursor: "" } });
  });

  app.post("/api/chat.postMessage", async (c) => {
    const refusal = authenticate(c);
    if (refusal !== undefined) return c.json(refusal);
    const body = await readBody(c);
    if (body === undefined) return c.json({ ok: false, error: "invalid_json" });
    const channel = channelOf(body.channel, names);
    if (channel === undefined) return c.json({ ok: false, error: "channel_not_found" });
    const problem = problemOf(body);
    if (problem !== undefined) return c.json({ ok: false, error: problem });
    const message = post(mailbox, channel, body);
    return c.json({ ok: true, channel: channelId(channel), ts: message.id, message: show(message) });
  });

  app.post("/api/chat.update", async (c) => {
    const refusal = authenticate(c);
    if (refusal !== undefined) return c.json(refusal);
    const body = await readBody(c);
    if (body === undefined) return c.json({ ok: false, error: "invalid_json" });
    const channel = channelOf(body.channel, names);
    if (channel === undefined) return c.json({ ok: false, error: "channel_not_found" });
    const message = mailbox.find("slack", String(body.ts));
    if (message === undefined || message.channel !== channel) return c.json({ ok: false, error: "message_not_found" });
    const problem = problemOf(body);
    if (problem !== undefined) return c.json({ ok: false, error: problem });
    mailbox.edit(message, { text: textOf(body), parts: partsOf(body) });
    return c.json({ ok: true, channel: channelId(channel), ts: message.id, text: message.text });
  });

  return app;
}

/** Web API calls answer 200 also when they are refused. */
function authenticate(c: Context): { ok: false; error: string } | undefined {
  const header = c.req.header("authorization");
  if (header === undefined) return { ok: false, error: "not_authed" };
  return /^Bearer \S+$/.test(header) ? undefined : { ok: false, error: "invalid_auth" };
}

/** JSON, or a form (with the JSON in `payload`, as webhooks take it). Undefined when it is neither. */
async function readBody(c: Context): Promise<Body | undefined> {
  const text = await c.req.text();
  try {
    if ((c.req.header("content-type") ?? "").includes("application/x-www-form-urlencoded")) {
      const form = Object.fromEntries(new URLSearchParams(text));
      return form.payload === undefined ? form : (JSON.parse(form.payload) as Body);
    }
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Body) : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(body: Body): string | undefined {
  const { blocks, attachments } = body;
  if (blocks !== undefined && (!Array.isArray(blocks) || blocks.length > MAX_BLOCKS)) return "invalid_blocks";
  if (Array.isArray(attachments) && attachments.length > MAX_ATTACHMENTS) return "too_many_attachments";
  const text = textOf(body);
  if (text === "" && partsOf(body).length === 0) return "no_text";
  return text.length > MAX_TEXT ? "msg_too_long" : undefined;
}

function textOf(body: Body): string {
  return typeof body.text === "string" ? body.text : "";
}

function partsOf(body: Body): unknown[] {
  return [body.blocks, body.attachments].flatMap((list) => (Array.isArray(list) ? list : []));
}

function post(mailbox: Mailbox, channel: string, body: Body): ChatMessage {
  const username = typeof body.username === "string" ? body.username : null;
  return mailbox.post({ service: "slack", channel, text: textOf(body), username, parts: partsOf(body) });
}

function show(message: ChatMessage): Record<string, unknown> {
  return { type: "message", subtype: "bot_message", text: message.text, ts: message.id, bot_id: "B00000000" };
}

function channelId(name: string): string {
  return `C${Buffer.from(name).toString("hex").toUpperCase().slice(0, 10).padEnd(10, "0")}`;
}

function channelOf(value: unknown, names: ReadonlySet<string>): string | undefined {
  if (typeof value !== "string") return undefined;
  const name = value.replace(/^#/, "");
  return names.has(name) ? name : [...names].find((other) => channelId(other) === value);
}
