import type { NotifyReceiver } from "../../../model/index.ts";
import { type Message, URGENT } from "../message.ts";
import { delivery, fieldOf, send } from "./http.ts";
import type { Env, Receiver } from "./types.ts";

/** Characters of a message (https://discord.com/developers/docs/resources/webhook#execute-webhook). */
const MOST = 2000;
/** No previews of addresses (SUPPRESS_EMBEDS, https://discord.com/developers/docs/resources/message#message-object-message-flags). */
const NO_EMBEDS = 4;

/** Takes Discord's markup, mentions and links out of a text. https://support.discord.com/hc/articles/210298617 */
export const escapeDiscord = (text: string): string => text.replace(/[\\`*_~|<>[\]()#:@-]/g, "\\$&");

/** A message as Discord takes it. Pure. */
export function discordBody({ title, lines }: Pick<Message, "title" | "lines">) {
  const text = [`**${escapeDiscord(title)}**`, ...lines.map(escapeDiscord)].join("\n");
  // A cut must leave no backslash that would escape nothing.
  const content = text.length > MOST ? `${text.slice(0, MOST - 1).replace(/\\+$/, "")}…` : text;
  return { content, allowed_mentions: { parse: [] }, flags: NO_EMBEDS };
}

/** One message a thread is edited; what is urgent is told once more, since an edit rings no bell. */
export function discord(config: Extract<NotifyReceiver, { kind: "discord" }>, env: Env): Receiver {
  const url = env[config.webhook] ?? "";
  return {
    follows: "update",
    async send(message, handle, signal) {
      const body = discordBody(message);
      const post = (content: typeof body) =>
        delivery(
          () => send({ url: `${url}?wait=true`, body: content }, signal),
          signal,
          ({ text }) => ({ result: "delivered", handle: fieldOf(text, "id") }),
        );
      if (handle === undefined) return post(body);
      const at = `${url}/messages/${encodeURIComponent(handle)}`;
      const edited = await delivery(() => send({ url: at, method: "PATCH", body }, signal), signal);
      // A person has deleted it.
      if (edited.result === "refused") return post(body);
      if (edited.result !== "delivered" || !URGENT.has(message.topic)) return { ...edited, handle };
      return { ...(await post(discordBody({ title: message.title, lines: [] }))), handle };
    },
  };
}
