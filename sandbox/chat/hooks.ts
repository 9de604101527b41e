import { Hono } from "hono";
import type { Mailbox } from "./state.ts";

/** A program's web hook, as n8n's: keeps what was posted, with the headers by which it would be checked. */
export function hookRoutes(mailbox: Mailbox): Hono {
  const app = new Hono();
  app.post("/hooks/:name", async (c) => {
    const text = await c.req.text();
    const own = Object.entries(c.req.header()).filter(([name]) => name.startsWith("x-"));
    mailbox.post({
      service: "webhook",
      channel: c.req.param("name"),
      text,
      username: null,
      parts: [Object.fromEntries(own)],
    });
    return c.json({ ok: true });
  });
  return app;
}
