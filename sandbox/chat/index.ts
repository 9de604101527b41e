/**
 * Receivers of messages: Slack's incoming webhooks and `chat.postMessage`, Discord's webhooks, a program's web hook, a mail server. They keep what was
 * posted, for people and tests to look at. (npm `emulate` has a Slack service, without Discord and without a state that
 * survives a restart; two services of one kind in one list are simpler.)
 */
import { Hono } from "hono";
import { type Inventory, routesOf, type Vendor, type VendorContext } from "../core/index.ts";
import { discordRoutes } from "./discord.ts";
import { hookRoutes } from "./hooks.ts";
import { mailpitRoutes } from "./mailpit.ts";
import { slackRoutes } from "./slack.ts";
import { type ChatMessage, Mailbox } from "./state.ts";

/** The chat vendor. */
export interface ChatVendor extends Vendor {
  readonly name: "chat";
  /** What was posted, newest last. */
  messages(): readonly ChatMessage[];
  /** A mail has arrived. */
  receiveMail(to: readonly string[], text: string): void;
}

/** Makes the vendor; seeds come from `context.options.chat`. */
export function createChat(context: VendorContext): ChatVendor {
  const mailbox = new Mailbox(context);
  const app = new Hono();
  app.onError((error) => {
    throw error;
  });
  app.notFound((c) => {
    if (c.req.path.startsWith("/services/")) return c.text("no_service", 404);
    if (c.req.path.includes("/webhooks/")) return c.json({ message: "Unknown Webhook", code: 10015 }, 404);
    if (c.req.path.startsWith("/api/")) return c.json({ ok: false, error: "unknown_method" });
    return c.text("Not Found", 404);
  });
  const discord = discordRoutes(mailbox);
  for (const version of ["", "/v9", "/v10"]) app.route(`/api${version}/webhooks`, discord);
  app.route("/", hookRoutes(mailbox));
  app.route("/", mailpitRoutes(mailbox));
  app.route("/", slackRoutes(mailbox, context.options.chat ?? {}));
  return {
    name: "chat",
    routes: routesOf(app),
    fetch: async (request) => app.fetch(request),
    messages: () => mailbox.all(),
    receiveMail(to, text) {
      mailbox.post({ service: "mail", channel: to.join(", "), text, username: null, parts: [] });
    },
    snapshot: () => mailbox.snapshot(),
    restore: (snapshot) => mailbox.restore(snapshot),
    inventory(): Inventory {
      const messages = mailbox.all().map(({ id, service, channel, text, at }) => {
        return { id, name: `${service} ${channel}`, service, channel, text, at };
      });
      return { messages };
    },
  };
}
