import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probe } from "../../../../checks/probe/probe.ts";
import { openVantage, type Way } from "../../../../checks/probe/way.ts";
import { createFaultController, type Served } from "../../../../sandbox/core/index.ts";
import { loadAuthority } from "../../../../sandbox/proxy/index.ts";
import { serveRedirects, serveSecureWeb, serveWeb } from "../../../../sandbox/web/index.ts";
import { dnsOf, live, service, world } from "./world.ts";

const dir = mkdtempSync(join(tmpdir(), "edge-"));
const faults = createFaultController();
const crm = service({ key: "crm", host: "crm.example.test", path: "/crm", proxied: true });
const own = service({ key: "own", host: "own.example.test", path: "/own" });
const services = [crm, own];
const sources = world({
  dns: dnsOf({ "CNAME *.example.test": "cname.vercel-dns.com" }),
  liveAt: (host) => (host.endsWith(".vercel.app") || host === "quiz.example.test" ? live(host) : undefined),
  attached: (host) => host === "quiz.example.test",
  service: (host) => services.find((one) => one.host === host),
});
const open: Served[] = [];
let way: Way;

beforeAll(async () => {
  const authority = await loadAuthority(dir, ["example.test", "vercel.app"]);
  const secure = await serveSecureWeb(sources, authority, ["example.test"], 0, faults);
  const plain = await serveRedirects(sources, 0, faults);
  open.push(secure, plain);
  const env = {
    SITEFLEET_RESOLVE: `443=127.0.0.1:${secure.port},80=127.0.0.1:${plain.port}`,
    SITEFLEET_CA_FILE: authority.caFile,
  };
  way = openVantage(undefined, env);
});
afterAll(async () => {
  await Promise.all(open.map((served) => served.close()));
  rmSync(dir, { recursive: true });
});
const ask = (url: string) => probe({ url, timeoutMs: 5_000 }, way);

// Breaks when checks work in the sandbox only, or in the world only.
test("hosts and deployments are served with a certificate for their names", async () => {
  const site = await ask("https://quiz.example.test/");
  expect(site.answer).toMatchObject({ status: 200, headers: { "x-release": "dpl_1" } });
  expect(site.certificate).toMatchObject({ names: ["*.example.test"] });
  expect((await ask("https://example.test/")).certificate?.names).toEqual(["example.test"]);
  expect((await ask("https://quiz-abc.vercel.app/")).answer?.status).toBe(200);
});

test("a name of nobody's has no certificate that is to be trusted", async () => {
  expect((await ask("https://quiz.evil.test/")).trouble?.stage).toBe("tls");
});

test("http leads to https, but for a host that answers in clear itself", async () => {
  const site = await ask("http://quiz.example.test/a?b=c");
  expect(site.answer).toMatchObject({ status: 308, headers: { location: "https://quiz.example.test/a?b=c" } });
  expect((await ask("http://crm.example.test/")).answer?.status).toBe(301);
  expect((await ask("http://own.example.test/")).answer?.status).not.toBe(301);
});

test("latency and faults by host, only where the web is named", async () => {
  const url = "https://quiz.example.test/";
  faults.set({ latency: [{ vendor: "web", path: "^/quiz\\.example", ms: 1_000 }] });
  expect((await ask(url)).timing.firstMs).toBeGreaterThanOrEqual(990);
  expect((await ask("https://quiz-abc.vercel.app/")).timing.firstMs).toBeLessThan(990);
  faults.set({ faults: [{ id: "all", action: { type: "status", status: 500 } }] });
  expect((await ask(url)).answer?.status).toBe(200);
  faults.set({ faults: [{ id: "web", vendor: "web", action: { type: "status", status: 503, retryAfter: 2 } }] });
  expect((await ask(url)).answer).toMatchObject({ status: 503, headers: { "retry-after": "2" } });
  faults.set({ faults: [{ id: "cut", vendor: "web", action: { type: "drop" } }] });
  expect((await ask(url)).trouble?.stage).toBe("answer");
  faults.clear();
});

test("the plain address knows them too", async () => {
  const served = await serveWeb(sources, 0, faults);
  open.push(served);
  faults.set({ faults: [{ id: "web", vendor: "web", action: { type: "status", status: 503 } }] });
  const answer = await probe(
    { url: "https://quiz.example.test/", timeoutMs: 5_000 },
    openVantage({ name: "here", address: served.url }, {}),
  );
  expect(answer.answer?.status).toBe(503);
  faults.clear();
});
