import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { mailpit } from "../../../flows/mailbox.ts";

// Breaks when a flow opens another user's mail, or another link than the first, or waits for ever for a mail that does not come.

interface Mail {
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
}

let server: Server | undefined;
afterEach(() => server?.close());

/** A Mailpit that holds these mails of `flow-1@example.org` from the `after`th look on. */
async function box(mails: readonly Mail[], { after = 0, status = 200 } = {}) {
  const asked: string[] = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://x");
    asked.push(url.pathname);
    response.statusCode = status;
    const at = /^\/api\/v1\/message\/(\d+)$/.exec(url.pathname)?.[1];
    if (at !== undefined) {
      const { text, html } = mails[Number(at)] ?? {};
      response.end(JSON.stringify({ Text: text, HTML: html, Attachments: [] }));
      return;
    }
    const mine = url.searchParams.get("query") === 'to:"flow-1@example.org"' && asked.length > after;
    const messages = mine ? mails.map(({ subject }, ID) => ({ ID: String(ID), Subject: subject })) : [];
    response.end(JSON.stringify({ total: 0, messages }));
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { asked, mailbox: mailpit(url) };
}

const link = async (mails: readonly Mail[], to = "flow-1@example.org", options = {}, milliseconds = 400) => {
  const { mailbox } = await box(mails, options);
  return mailbox.link(to, "Confirm", milliseconds);
};

describe("Mailpit", () => {
  it("gives the first link of the mail to that user with that subject, as it stands in a browser", async () => {
    const other = { subject: "Welcome", text: "http://crm.example/welcome" };
    const text = "Open http://crm.example/confirm?a=1&b=2.\nOr http://crm.example/other\n";
    expect(await link([other, { subject: "Please Confirm it", text }])).toBe("http://crm.example/confirm?a=1&b=2");
    const html = '<a href="http://crm.example/confirm?a=1&amp;b=2">here</a>';
    expect(await link([{ subject: "Confirm", text: "Look at the page", html }])).toBe(
      "http://crm.example/confirm?a=1&b=2",
    );
  });

  it("is asked until the mail is there, and says when it has not come or has no link", async () => {
    const mail = { subject: "Confirm", text: "(http://crm.example/late)" };
    expect(await link([mail], "flow-1@example.org", { after: 2 }, 5000)).toBe("http://crm.example/late");
    await expect(link([mail], "flow-2@example.org")).rejects.toThrow('no mail "Confirm" has arrived in 0.4 s');
    await expect(link([{ subject: "Confirm", text: "no address" }])).rejects.toThrow('the mail "Confirm" has no link');
  });

  it("that answers no, or nonsense, is an error and no missing mail", async () => {
    await expect(link([], "flow-1@example.org", { status: 401 })).rejects.toThrow("the mailbox answers 401");
    const { mailbox } = await box([{ subject: "Confirm" }]);
    server?.removeAllListeners("request");
    server?.on("request", (_, response) => response.end('{"messages":[{}]}'));
    await expect(mailbox.link("flow-1@example.org", "Confirm", 400)).rejects.toThrow();
  });
});
