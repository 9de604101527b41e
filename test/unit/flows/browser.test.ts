import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBrowser, openBrowser } from "../../../flows/browser.ts";
import { mailpit } from "../../../flows/mailbox.ts";
import { tryFlow } from "../../../flows/try.ts";
import type { Flow } from "../../../model/index.ts";

const dir = mkdtempSync(join(tmpdir(), "sitefleet-flows-"));
const rows = new Set<string>();
let link = "";
let server: Server;
let browser: Browser;
let origin = "";

const page = (body: string): string => `<!doctype html><html lang="en"><title>t</title>${body}</html>`;
const FORM =
  '<form method="post" action="/"><label for="m">E-mail</label><input id="m" name="m"><button>Send</button></form>';

/** A page with a form that makes a row and sends a mail, and the mailbox that has it. */
function answer(path: string, method: string): string {
  if (path.startsWith("/api/v1/search"))
    return JSON.stringify({ messages: rows.size > 0 ? [{ ID: "1", Subject: "Confirm it" }] : [] });
  if (path.startsWith("/api/v1/message")) return JSON.stringify({ Text: `Open ${link}.` });
  if (path === "/confirm") return page("<p>Confirmed</p>");
  if (path === "/erase") {
    rows.clear();
    return page("<p>Nothing is kept</p>");
  }
  if (method === "POST") rows.add("one");
  return page(method === "POST" ? "<p>Check your mail</p>" : FORM);
}

const flow: Flow = {
  key: "mail",
  title: "Mail",
  service: "crm",
  safe: false,
  steps: [
    { open: "/" },
    { fill: "E-mail", with: "{mail}" },
    { press: "Send" },
    { see: "Check your mail" },
    { mail: "Confirm" },
    { see: "Confirmed" },
    { noCookie: "tracking" },
  ],
  cleanup: [{ open: "/erase" }, { see: "Nothing is kept" }],
};

const trying = (steps: Flow["steps"] = flow.steps, cleanup = flow.cleanup, timeout = 8000) =>
  tryFlow(
    { ...flow, steps, cleanup },
    {
      browser,
      user: { run: "r1", mail: "flow-r1@example.org", name: "Flow", password: "secret" },
      origin,
      hosts: new Set([new URL(origin).host]),
      mailbox: mailpit(origin),
      timeout,
      evidence: join(dir, "evidence"),
    },
  );

describe.skipIf(findBrowser() === undefined)("a flow in Chromium (skipped where there is none)", () => {
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.setHeader("content-type", request.url?.startsWith("/api") ? "application/json" : "text/html");
      response.end(answer(request.url ?? "/", request.method ?? "GET"));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    link = `${origin}/confirm`;
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("passes, opens the mail's link, and leaves nothing", { timeout: 60_000, retry: 2 }, async () => {
    expect(await trying()).toMatchObject({ ok: true, reason: "", evidence: [] });
    expect([...rows]).toEqual([]);
  });

  it("that fails says at which step, keeps picture and trace, and still takes away what it left", {
    timeout: 60_000,
    retry: 2,
  }, async () => {
    const tried = await trying([...flow.steps.slice(0, 4), { see: "Thank you" }], flow.cleanup, 2000);
    expect(tried).toMatchObject({ ok: false, step: 5, reason: expect.stringContaining('step 5, see "Thank you"') });
    expect(tried.evidence.map((file) => existsSync(file))).toEqual([true, true]);
    expect([...rows]).toEqual([]);
  });

  it("fails when it leaves something, and follows no link out of the estate", {
    timeout: 60_000,
    retry: 2,
  }, async () => {
    expect(await trying(flow.steps.slice(0, 4), [{ see: "Nothing is kept" }], 2000)).toMatchObject({
      ok: false,
      left: expect.stringContaining("step 1"),
      reason: expect.stringContaining("could not be taken away"),
    });
    link = "https://elsewhere.example/";
    expect((await trying(flow.steps.slice(0, 5))).reason).toContain("leads to elsewhere.example");
    link = `${origin}/confirm`;
  });
});
