import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBrowser } from "../../../flows/browser.ts";
import { QualityFile } from "../../../model/shape/quality.ts";
import { axe } from "../../../quality/page/axe.ts";
import { consent } from "../../../quality/page/consent.ts";
import { startBrowser } from "../../../quality/page/open.ts";
import { datesIn, privacyPolicy } from "../../../quality/page/privacy.ts";
import type { PageSubject } from "../../../quality/types.ts";

// Breaks when a page that tracks before the yes is green, or one that asks first is not: the real browser, one page a case.

const html = (body: string, head = "") =>
  `<!doctype html><html lang="de"><head><title>Verein</title>${head}</head><body><main><h1>Verein</h1>${body}</main></body></html>`;
const BANNER = (yes: string) =>
  `<div role="region" aria-label="Cookies"><p>Dürfen wir?</p><button onclick='${yes}'>Alle akzeptieren</button></div>`;
const TRACK =
  'document.cookie = "_ga=1"; localStorage.setItem("_track", "1"); new Image().src = "http://tracker.localhost/pixel"';
const POLICY = (date: string, names: string) => html(`<p>Datenschutzerklärung. Stand: ${date}</p><p>${names}</p>`);

const PAGES: Readonly<Record<string, string>> = {
  "/tracks": html(`${BANNER("")}<script>${TRACK}</script>`),
  "/asks": html(BANNER(TRACK)),
  "/silent": html("<p>Ohne Banner</p>"),
  "/label": html("<form><input type=text></form>"),
  "/labelled": html("<form><label>Name <input type=text></label></form>"),
  "/links": html('<a href="/policy">Datenschutz</a>'),
  "/old": html('<a href="/policy-old">Datenschutz</a>'),
  "/nowhere": html("<p>nichts</p>"),
  "/policy": POLICY("1. März 2026", "Verantwortlich: Verein"),
  "/policy-old": POLICY("01.03.2019", "Verantwortlich: Verein"),
};

const server = createServer((request, response) => {
  const page = PAGES[request.url ?? ""];
  // A policy of content as careful services have one must not blind a check.
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "script-src 'unsafe-inline'",
  };
  response.writeHead(page === undefined ? 404 : 200, headers).end(page ?? "");
});
let browser: Browser;
const there = findBrowser() !== undefined;

beforeAll(async () => {
  if (!there) return;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  server.close();
});

const of = (...pages: string[]): PageSubject => ({
  settings: QualityFile.parse({ privacyPolicy: { notBefore: "2025-01-01", names: ["Verantwortlich"] } }),
  key: "crm",
  origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  pages,
  signal: new AbortController().signal,
  now: Date.parse("2026-11-29T12:00:00Z"),
});

// Without Chromium (.ci/run installs it) there is nothing to look with.
test.skipIf(!there)(
  "consent: what tracks before the yes fails, the same after it passes, and no banner fails",
  async () => {
    const tracks = await consent(of("/tracks"), browser);
    expect(tracks.state).toBe("fail");
    expect(tracks.findings.map(({ message }) => message)).toEqual([
      "before the yes: tracker.localhost is asked",
      "before the yes: the cookie _ga is set",
      "before the yes: _track is stored",
    ]);
    const asks = await consent(of("/asks"), browser);
    expect(asks).toMatchObject({ state: "pass", found: 0 });
    // The yes did something, so it was given.
    expect(asks.measures).toContainEqual({ name: "after the yes", value: 3 });
    expect((await consent(of("/silent"), browser)).findings.map(({ rule }) => rule)).toEqual(["banner"]);
  },
  60_000,
);

test.skipIf(!there)(
  "axe: a field without a label fails, with one it passes; a page that is not there is not known",
  async () => {
    const bad = await axe(of("/label"), browser);
    expect([bad.state, bad.findings.map(({ rule }) => rule)]).toEqual(["fail", ["label"]]);
    expect((await axe(of("/labelled", "/links"), browser)).state).toBe("pass");
    expect(await axe(of("/labelled", "/gone"), browser)).toMatchObject({
      state: "not-run",
      reason: expect.stringContaining("/gone cannot be opened"),
    });
  },
  60_000,
);

test.skipIf(!there)(
  "the privacy policy is reached from each page, new enough, and names what it must",
  async () => {
    expect((await privacyPolicy(of("/links"), browser)).state).toBe("pass");
    const bad = await privacyPolicy(of("/links", "/nowhere", "/old"), browser);
    expect(bad.findings.map(({ message }) => message)).toEqual([
      "no link leads to the privacy policy",
      "is of 2019-03-01; it must be of 2025-01-01 or later",
    ]);
  },
  60_000,
);

test("dates of policies in German and English", () => {
  expect(datesIn("Stand: 1. März 2026")).toEqual(["2026-03-01"]);
  expect(datesIn("1. Jänner 2025, 31.12.2024, 2026-02-03, Dezember 2023")).toEqual([
    "2026-02-03",
    "2024-12-31",
    "2025-01-01",
    "2023-12-01",
  ]);
  expect(datesIn("March 4, 2026 and 5th May 2026")).toEqual(expect.arrayContaining(["2026-03-04", "2026-05-05"]));
  expect(datesIn("31.02.2026, Telefon 2026, Seite 3")).toEqual([]);
});
