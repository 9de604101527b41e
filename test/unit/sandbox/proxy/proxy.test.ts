import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Hono } from "hono";
import { type Dispatcher, ProxyAgent, fetch as request } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createFaultController,
  createRequestLog,
  listen,
  nodeListener,
  type Served,
  type Vendor,
} from "../../../../sandbox/core/index.ts";
import { loadAuthority } from "../../../../sandbox/proxy/authority.ts";
import { type SandboxProxy, startProxy } from "../../../../sandbox/proxy/index.ts";

// Real plugins reach the sandbox only through this, and must reach nothing else through it.
let dir: string;
let proxy: SandboxProxy;
const refused: string[] = [];
const closers: (() => Promise<unknown>)[] = [];
const log = createRequestLog();
const faults = createFaultController();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sitefleet-proxy-"));
  proxy = await startProxy({
    dir,
    listener: nodeListener(echo(), { log, faults }),
    onRefused: (host) => refused.push(host),
  });
});

beforeEach(() => {
  refused.splice(0);
  log.clear();
  faults.clear();
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

afterAll(async () => {
  await proxy.close();
  await rm(dir, { recursive: true });
});

/** A vendor that says what it was asked. */
function echo(): Vendor {
  const app = new Hono();
  app.all("*", async (c) => c.json({ url: c.req.url, method: c.req.method, body: await c.req.text() }));
  return {
    name: "vercel",
    fetch: async (r) => app.fetch(r),
    inventory: () => ({}),
    snapshot: () => null,
    restore() {},
  };
}

async function agent(): Promise<Dispatcher> {
  const ca = await readFile(proxy.caFile, "utf8");
  const dispatcher = new ProxyAgent({ uri: proxy.url, requestTls: { ca }, proxyTunnel: true, connections: 8 });
  closers.push(() => dispatcher.destroy());
  return dispatcher;
}

async function upstream(): Promise<Served> {
  const served = await listen(
    createServer((_, outgoing) => void outgoing.end("upstream")),
    0,
    "127.0.0.1",
  );
  closers.push(() => served.close());
  return served;
}

test("calls to Vercel's hosts are answered by the sandbox, verified against the authority's file", async () => {
  const dispatcher = await agent();
  for (const host of ["api.vercel.com", "api-frameworks.zeit.sh", "dcs.vercel-infra.com"]) {
    const answer = await request(`https://${host}/v9/projects?a=1`, { dispatcher, method: "POST", body: "x" });
    expect(await answer.json()).toEqual({ url: `https://${host}/v9/projects?a=1`, method: "POST", body: "x" });
  }
  expect(log.summary().total).toBe(3);
});

test("many calls at once share the proxy", async () => {
  const dispatcher = await agent();
  const calls = Array.from({ length: 200 }, (_, n) => request(`https://api.vercel.com/${n}`, { dispatcher }));
  const answers = await Promise.all(
    (await Promise.all(calls)).map((answer) => answer.json() as Promise<{ url: string }>),
  );
  expect(answers.map(({ url }) => url)).toEqual(calls.map((_, n) => `https://api.vercel.com/${n}`));
});

test("faults reach through TLS: a dropped connection is one", async () => {
  const dispatcher = await agent();
  faults.set({ faults: [{ id: "drop", times: 1, action: { type: "drop" } }] });
  await expect(request("https://api.vercel.com/", { dispatcher })).rejects.toThrow();
  expect((await request("https://api.vercel.com/", { dispatcher })).status).toBe(200);
});

test("every other host is refused and named", async () => {
  const dispatcher = await agent();
  for (const url of ["https://example.com/", "https://api.vercel.com:8443/", "https://api.vercel.com.evil.example/"]) {
    await expect(request(url, { dispatcher })).rejects.toThrow();
  }
  expect(refused).toEqual(["example.com", "api.vercel.com", "api.vercel.com.evil.example"]);
  expect(log.summary().total).toBe(0);
});

test("loopback is tunnelled and forwarded; plain HTTP to anywhere else is not", async () => {
  const { url } = await upstream();
  expect(await (await request(url, { dispatcher: await agent() })).text()).toBe("upstream");
  const plain = new ProxyAgent({ uri: proxy.url, proxyTunnel: false });
  closers.push(() => plain.destroy());
  expect(await (await request(url, { dispatcher: plain })).text()).toBe("upstream");
  expect((await request("http://example.com/", { dispatcher: plain })).status).toBe(403);
});

test("a closed port behind the tunnel is 502, and the proxy lives on", async () => {
  const gone = await upstream();
  await gone.close();
  const dispatcher = await agent();
  await expect(request(gone.url, { dispatcher })).rejects.toThrow();
  expect((await request("https://api.vercel.com/", { dispatcher })).status).toBe(200);
});

test("a client that does not trust the authority fails, and nobody else does", async () => {
  const untrusting = new ProxyAgent({ uri: proxy.url });
  closers.push(() => untrusting.destroy());
  await expect(request("https://api.vercel.com/", { dispatcher: untrusting })).rejects.toThrow();
  expect((await request("https://api.vercel.com/", { dispatcher: await agent() })).status).toBe(200);
});

describe("the authority", () => {
  let own: string;
  beforeEach(async () => {
    own = await mkdtemp(join(tmpdir(), "sitefleet-ca-"));
    closers.push(() => rm(own, { recursive: true }));
  });

  test("is kept over a restart, key readable by its owner only", async () => {
    const before = await readFile(proxy.caFile, "utf8");
    expect(
      (await loadAuthority(dir, ["api.vercel.com", "api-frameworks.zeit.sh", "dcs.vercel-infra.com"])).ca.trim(),
    ).toBe(before.trim());
    expect((await stat(join(dir, "ca.key"))).mode & 0o777).toBe(0o600);
  });

  test("is made anew when damaged, for other hosts, or about to expire", async () => {
    const hosts = ["api.vercel.com"];
    const first = await loadAuthority(own, hosts);
    const later = await loadAuthority(own, hosts, Date.now() + 85 * 86_400_000);
    expect(later.ca).not.toBe(first.ca);
    await writeFile(join(own, "ca.key"), "damaged");
    expect((await loadAuthority(own, hosts, Date.now() + 85 * 86_400_000)).ca).not.toBe(later.ca);
  });

  test("cannot sign for anybody else: OpenSSL refuses a certificate outside its name constraints", async () => {
    const authority = await loadAuthority(own, ["api.vercel.com"]);
    const verify = async (host: string): Promise<boolean> => {
      const { cert } = await authority.issue(host);
      expect(new X509Certificate(cert).subjectAltName).toBe(`DNS:${host}`);
      const file = join(own, "leaf.pem");
      await writeFile(file, cert);
      const openssl = promisify(execFile)("openssl", ["verify", "-CAfile", authority.caFile, file]);
      return openssl.then(
        () => true,
        () => false,
      );
    };
    expect(await verify("api.vercel.com")).toBe(true);
    expect(await verify("example.com")).toBe(false);
  });
});
