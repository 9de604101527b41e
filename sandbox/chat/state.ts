import { z } from "zod";
import type { VendorContext } from "../core/index.ts";

const messageSchema = z.object({
  /** Slack's `ts`; else a snowflake as Discord has it. */
  id: z.string(),
  service: z.enum(["slack", "discord", "webhook", "mail"]),
  /** Of a mail its addresses. */
  channel: z.string(),
  /** Of a web hook its body, of a mail all of it. */
  text: z.string(),
  username: z.string().nullable(),
  /** Blocks and attachments (Slack), embeds (Discord) or the headers that begin with `x-` (web hook), as sent. */
  parts: z.array(z.unknown()),
  /** ISO time. */
  at: z.string(),
  edited: z.string().nullable(),
});

/** A message that was posted. */
export type ChatMessage = z.infer<typeof messageSchema>;

const snapshotSchema = z.object({ messages: z.array(messageSchema), count: z.int() });

/** Messages kept when nothing else is said. */
const KEEP = 1000;

/** The messages, newest last. */
export class Mailbox {
  #messages: ChatMessage[] = [];
  #count = 0;
  readonly #context: VendorContext;

  constructor(context: VendorContext) {
    this.#context = context;
  }

  /** Records a message and tells the sandbox of it. */
  post(fields: Pick<ChatMessage, "service" | "channel" | "text" | "username" | "parts">): ChatMessage {
    this.#count += 1;
    const now = this.#context.now();
    const id = fields.service === "slack" ? slackTime(now, this.#count) : snowflake(now, this.#count);
    const message: ChatMessage = { id, ...fields, at: new Date(now).toISOString(), edited: null };
    this.#messages.push(message);
    const keep = this.#context.options.chat?.keep ?? KEEP;
    if (this.#messages.length > keep) this.#messages.splice(0, this.#messages.length - keep);
    this.#announce("message.posted", message);
    return message;
  }

  find(service: ChatMessage["service"], id: string): ChatMessage | undefined {
    return this.#messages.find((message) => message.service === service && message.id === id);
  }

  edit(message: ChatMessage, fields: Pick<ChatMessage, "text" | "parts">): void {
    Object.assign(message, fields, { edited: new Date(this.#context.now()).toISOString() });
    this.#announce("message.edited", message);
  }

  remove(message: ChatMessage): void {
    this.#messages = this.#messages.filter((other) => other !== message);
    this.#announce("message.deleted", message);
  }

  all(): readonly ChatMessage[] {
    return this.#messages;
  }

  snapshot(): unknown {
    return { messages: this.#messages, count: this.#count };
  }

  /** @throws ZodError when it is no snapshot of a mailbox */
  restore(snapshot: unknown): void {
    const { messages, count } = snapshotSchema.parse(snapshot);
    this.#messages = messages;
    this.#count = count;
  }

  #announce(type: string, { id, service, channel, text }: ChatMessage): void {
    this.#context.changed();
    const data = { id, service, channel, text };
    this.#context.events.publish({ vendor: "chat", type, at: this.#context.now(), data });
  }
}

/** Slack's ids are seconds with six decimals, unique in a channel. */
function slackTime(now: number, count: number): string {
  return `${Math.floor(now / 1000)}.${String(count % 1_000_000).padStart(6, "0")}`;
}

/** Discord's ids carry the milliseconds since 2015 in their upper bits. */
function snowflake(now: number, count: number): string {
  return String((BigInt(now - 1_420_070_400_000) << 22n) | BigInt(count % 4096));
}
