// What would break: health checks would see a release that is not live, or miss the reason why a host is dead.
import { describe, expect, it } from "vitest";
import { answer, hostOf } from "../../../../sandbox/web/answer.ts";
import type { WebSources } from "../../../../sandbox/web/index.ts";
import { dnsOf, live, service, world } from "./world.ts";

const toVercel = dnsOf({ "CNAME *.shop.test": "cname.vercel-dns.com" });

function ask(sources: WebSources, host: string, path = "/", headers: Record<string, string> = {}, method = "GET") {
  const request = new Request(`http://127.0.0.1:8080${path}`, { method, headers: { host, ...headers } });
  return answer(request, sources, 8080);
}

async function reason(sources: WebSources, host: string): Promise<[number, string | null]> {
  const response = await ask(sources, host);
  return [response.status, response.headers.get("x-sitefleet-reason")];
}

describe("sites", () => {
  it("shows the marker and names the deployment, and counts the visit", async () => {
    const sources = world({ dns: toVercel, liveAt: (host) => live(host) });
    const response = await ask(sources, "a.shop.test:8080");
    const body = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("x-release")).toBe("dpl_1");
    expect(response.headers.get("x-commit")).toBe("c".repeat(40));
    expect(body).toContain("marker-1");
    expect(sources.visits).toEqual([["a.shop.test", Buffer.byteLength(body)]]);
  });

  it("answers names under .localhost for browsers", async () => {
    const sources = world({ dns: toVercel, liveAt: (host) => (host === "a.shop.test" ? live(host) : undefined) });
    expect((await ask(sources, "a.shop.test.localhost:8080")).status).toBe(200);
  });

  it("serves bad releases as bad ones", async () => {
    const kinds = ["wrong", "empty", "error"] as const;
    const bodies = kinds.map(async (bodyKind) => {
      const sources = world({ dns: toVercel, liveAt: (host) => live(host, { bodyKind, status: 500 }) });
      const response = await ask(sources, "a.shop.test");
      expect(response.status).toBe(500);
      return response.text();
    });
    const [wrong, empty, error] = await Promise.all(bodies);
    expect(wrong).not.toContain("marker-1");
    expect(empty).toBe("");
    expect(error).not.toContain("marker-1");
  });

  it("redirects with path and query", async () => {
    const redirect = { redirect: "www.shop.test", status: 308, bodyKind: "redirect" } as const;
    const sources = world({ dns: toVercel, liveAt: (host) => live(host, redirect) });
    const response = await ask(sources, "a.shop.test", "/x?y=1");
    expect([response.status, response.headers.get("location")]).toEqual([308, "https://www.shop.test/x?y=1"]);
  });

  it("asks no DNS of the sandbox for a deployment's own address", async () => {
    const sources = world({ liveAt: (host) => live(host, { own: true }) });
    expect((await ask(sources, "shop-abc.vercel.app")).status).toBe(200);
  });

  it("passes on the bypass secret and the deployment a page came from, from the header or the query", async () => {
    const asked: unknown[] = [];
    const sources = world({
      liveAt: (host, { bypass, from }) => {
        asked.push(bypass ?? from);
        return live(host);
      },
    });
    await ask(sources, "shop-abc.vercel.app", "/", { "x-vercel-protection-bypass": "secret" });
    await ask(sources, "shop-abc.vercel.app", "/?x-vercel-protection-bypass=other");
    await ask(sources, "shop-abc.vercel.app");
    await ask(sources, "shop-abc.vercel.app", "/", { "x-deployment-id": "dpl_1" });
    await ask(sources, "shop-abc.vercel.app", "/?dpl=dpl_2");
    expect(asked).toEqual(["secret", "other", undefined, "dpl_1", "dpl_2"]);
  });
});

describe("why a host is not answered", () => {
  it("has no DNS record", async () => {
    const attached = { attached: () => true, liveAt: (host: string) => live(host) };
    expect(await reason(world(attached), "a.shop.test")).toEqual([502, "no-dns-record"]);
    const crm = service({ key: "crm", host: "crm.shop.test", path: "/x" });
    expect(await reason(world({ service: () => crm }), "crm.shop.test")).toEqual([502, "no-dns-record"]);
  });

  it("has a record that leads elsewhere", async () => {
    const dns = dnsOf({ "A a.shop.test": "192.0.2.1" });
    expect(await reason(world({ dns, attached: () => true }), "a.shop.test")).toEqual([502, "dns-leads-elsewhere"]);
    const crm = service({ key: "crm", host: "crm.shop.test", path: "/x" });
    const misled = world({ dns: toVercel, service: () => crm });
    expect(await reason(misled, "crm.shop.test")).toEqual([502, "dns-leads-elsewhere"]);
  });

  it("is not attached, or has nothing deployed", async () => {
    expect(await reason(world({ dns: toVercel }), "a.shop.test")).toEqual([404, "domain-not-attached"]);
    expect(await reason(world({ dns: toVercel, attached: () => true }), "a.shop.test")).toEqual([404, "no-deployment"]);
  });

  it("is delegated to Vercel, so that Cloudflare is not asked", async () => {
    const sources = world({ delegated: () => true, liveAt: (host) => live(host) });
    expect((await ask(sources, "a.shop.test")).status).toBe(200);
  });

  it("is unknown to everybody", async () => {
    expect(await reason(world(), "nobody.test")).toEqual([404, "unknown-host"]);
  });

  it("is said as a page to browsers, with the name escaped", async () => {
    const response = await ask(world(), "x&y.test", "/", { accept: "text/html" });
    expect(await response.text()).toContain("x&amp;y.test");
  });
});

describe("the sandbox's own address", () => {
  const sources = world({
    counts: () => ({ "Vercel projects": 1500 }),
    links: () => ({ "Control API": "http://127.0.0.1:1/inventory" }),
    services: () => [service({ key: "crm", host: "crm.shop.test", path: "/x" })],
    sites: () => Array.from({ length: 250 }, (_, index) => ({ host: `s${index}.shop.test`, what: `p${index}` })),
  });

  it("gives an overview with links that work in a browser", async () => {
    const text = await (await ask(sources, "127.0.0.1:8080")).text();
    expect(text).toContain("1,500");
    expect(text).toContain('href="http://crm.shop.test.localhost:8080/"');
    expect(text).toContain("250 hosts");
    expect(text.match(/<tr>/g)).toHaveLength(1 + 1 + 1 + 100);
  });

  it("searches and pages, and escapes what was asked", async () => {
    const found = await (await ask(sources, "localhost", "/?q=S24&page=9")).text();
    expect(found).toContain("11 hosts");
    const hostile = await (await ask(sources, "localhost", `/?q=${encodeURIComponent('"><script>')}`)).text();
    expect(hostile).not.toContain("<script>");
    const second = await (await ask(sources, "localhost", "/?page=3")).text();
    expect(second).toContain("page 3 of 3");
    expect(second.match(/<tr>/g)).toHaveLength(1 + 1 + 1 + 50);
  });

  it("answers reading only", async () => {
    expect((await ask(sources, "localhost", "/", {}, "POST")).status).toBe(405);
  });
});

describe("hostOf", () => {
  it.each([
    ["A.Shop.Test:80", "a.shop.test"],
    ["a.shop.test.", "a.shop.test"],
    ["localhost", "localhost"],
    ["a.localhost:1", "a"],
  ])("%s", (header, host) => expect(hostOf(header)).toBe(host));
});
