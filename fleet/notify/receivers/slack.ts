import type { NotifyReceiver } from "../../../model/index.ts";
import { type Message, URGENT } from "../message.ts";
import { type Answer, delivery, fieldOf, send } from "./http.ts";
import type { Delivery, Env, Receiver } from "./types.ts";

/** Characters of a header and of a section in plain text (https://docs.slack.dev/reference/block-kit/blocks). */
const HEADER = 150;
const SECTION = 3000;
/** Errors of the Web API that another try can mend (https://docs.slack.dev/reference/methods/chat.postMessage). */
const PASSING: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
]);

/** Slack's three signs: without them there is no mention, link or markup. https://docs.slack.dev/messaging/formatting-message-text */
export const escapeSlack = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** A message as Slack takes it: plain text blocks, which have no markup; the fallback text is escaped. Pure. */
export function slackBody({ title, lines }: Pick<Message, "title" | "lines">) {
  const text = lines.join("\n").slice(0, SECTION);
  const plain = (value: string) => ({ type: "plain_text", text: value, emoji: false });
  return {
    text: escapeSlack(title),
    mrkdwn: false,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: "header", text: plain(title.slice(0, HEADER)) },
      ...(text === "" ? [] : [{ type: "section", text: plain(text) }]),
    ],
  };
}

/** An incoming webhook cannot edit: it tells what matters. A bot keeps one message a thread and answers it with what is urgent. */
export function slack(config: Extract<NotifyReceiver, { kind: "slack" }>, env: Env): Receiver {
  if (config.webhook !== undefined) {
    const url = env[config.webhook] ?? "";
    return {
      follows: "separate",
      send: (message, _handle, signal) => delivery(() => send({ url, body: slackBody(message) }, signal), signal),
    };
  }
  const api = (config.api === undefined ? undefined : env[config.api]) ?? "https://slack.com/api";
  const headers = { authorization: `Bearer ${env[config.token ?? ""] ?? ""}` };
  const call = (method: string, body: object, signal: AbortSignal): Promise<Delivery> =>
    delivery(() => send({ url: `${api}/${method}`, headers, body }, signal), signal, said);
  const channel = config.channel ?? "";
  return {
    follows: "update",
    async send(message, handle, signal) {
      const body = { channel, ...slackBody(message) };
      if (handle === undefined) return call("chat.postMessage", body, signal);
      const [id, ts = id] = handle.split(" ");
      const updated = await call("chat.update", { ...body, channel: id, ts }, signal);
      // An edit rings no bell.
      if (updated.result !== "delivered" || !URGENT.has(message.topic)) return { ...updated, handle };
      const answer = { ...slackBody({ title: message.title, lines: [] }), channel: id, thread_ts: ts };
      return { ...(await call("chat.postMessage", answer, signal)), handle };
    },
  };
}

/** The Web API answers 200 also when it refuses. */
function said({ text, afterMs }: Answer): Delivery {
  const error = fieldOf(text, "error");
  if (error === undefined) {
    const [channel, ts] = [fieldOf(text, "channel"), fieldOf(text, "ts")];
    return { result: "delivered", handle: channel && ts ? `${channel} ${ts}` : undefined };
  }
  const reason = error.slice(0, 80);
  return PASSING.has(error) ? { result: "again", reason, afterMs } : { result: "refused", reason };
}
