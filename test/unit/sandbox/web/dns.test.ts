// What would break: a host without a DNS record would look live, or one with a record would look dead.
import { describe, expect, it } from "vitest";
import { destinationOf } from "../../../../sandbox/web/dns.ts";
import { dnsOf } from "./world.ts";

describe("destinationOf", () => {
  it.each([
    ["the wildcard CNAME to Vercel", { "CNAME *.shop.test": "cname.vercel-dns.com" }, "a.shop.test", "vercel"],
    ["an upper-case target with a dot", { "CNAME a.shop.test": "CNAME.vercel-dns.com." }, "a.shop.test", "vercel"],
    ["a CNAME of Vercel's newer kind", { "CNAME a.shop.test": "d1d4.vercel-dns-017.com" }, "a.shop.test", "vercel"],
    ["Vercel's address at an apex", { "A shop.test": "76.76.21.21" }, "shop.test", "vercel"],
    ["another address", { "A shop.test": "192.0.2.1" }, "shop.test", "host"],
    ["an IPv6 address", { "AAAA shop.test": "2001:db8::1" }, "shop.test", "host"],
    ["a CNAME to a name outside", { "CNAME crm.shop.test": "host.example.net" }, "crm.shop.test", "host"],
    ["a chain inside", { "CNAME w.shop.test": "shop.test", "A shop.test": "76.76.21.21" }, "w.shop.test", "vercel"],
    ["a delegation to Vercel", { "NS shop.test": "ns1.vercel-dns.com" }, "a.b.shop.test", "vercel"],
    ["a delegation elsewhere", { "NS shop.test": "ns1.example.net" }, "a.shop.test", "none"],
    ["only a TXT record", { "TXT a.shop.test": "text" }, "a.shop.test", "none"],
    ["nothing", {}, "a.shop.test", "none"],
  ] as const)("%s", (_, records, host, destination) => {
    expect(destinationOf(dnsOf(records), host)).toBe(destination);
  });

  it("ends on a loop of CNAMEs", () => {
    const dns = dnsOf({ "CNAME a.test": "b.test", "CNAME b.test": "a.test" });
    expect(destinationOf(dns, "a.test")).toBe("none");
  });

  it("a name that only looks like Vercel's is not", () => {
    expect(destinationOf(dnsOf({ "CNAME a.test": "notvercel-dns.com" }), "a.test")).toBe("host");
  });
});
