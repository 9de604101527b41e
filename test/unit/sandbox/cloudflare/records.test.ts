import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { cloudflare } from "./client.ts";

// What the DNS provider relies on: normalised answers, real error codes, all-or-nothing batches.
const ZONE = "0123456789abcdef0123456789abcdef";
const path = `/zones/${ZONE}/dns_records`;
let api: ReturnType<typeof cloudflare>;

beforeEach(() => {
  api = cloudflare({
    zones: [{ name: "qmoney.de", id: ZONE }],
    recordsPerZone: { free: 5 },
    batchOperations: { free: 4 },
  });
});

describe("one record", () => {
  test("names are completed and lower-cased, or every preview would show a change", async () => {
    const made = await api.call("POST", path, {
      type: "CNAME",
      name: "WWW",
      content: "CNAME.vercel-dns.com.",
      ttl: 300,
    });
    expect(made).toMatchObject({
      status: 200,
      success: true,
      errors: [],
      messages: [],
      result: {
        name: "www.qmoney.de",
        type: "CNAME",
        content: "cname.vercel-dns.com",
        ttl: 300,
        proxied: false,
        proxiable: true,
        settings: { flatten_cname: false },
        tags: [],
        comment: null,
        meta: {},
        created_on: "2026-01-01T00:00:00.000Z",
      },
    });
    expect(made.result.id).toMatch(/^[0-9a-f]{32}$/);
    expect((await api.call("GET", `${path}/${made.result.id}`)).result).toEqual(made.result);
    expect(api.events).toContain("record.created");
  });

  test.each([
    ["@", "qmoney.de"],
    ["qmoney.de", "qmoney.de"],
    ["*", "*.qmoney.de"],
    ["a.b.QMONEY.de.", "a.b.qmoney.de"],
  ])("name %s becomes %s", async (name, full) => {
    expect((await api.call("POST", path, { type: "TXT", name, content: "x" })).result.name).toBe(full);
  });

  test("a proxied record's TTL is automatic whatever was sent", async () => {
    const made = await api.call("POST", path, { type: "A", name: "@", content: "192.0.2.1", ttl: 300, proxied: true });
    expect(made.result).toMatchObject({ ttl: 1, proxied: true });
  });

  test("content of CAA and SRV is made from data", async () => {
    const caa = { type: "CAA", name: "@", data: { flags: 0, tag: "issue", value: "letsencrypt.org" } };
    expect((await api.call("POST", path, caa)).result.content).toBe('0 issue "letsencrypt.org"');
    const srv = {
      type: "SRV",
      name: "_sip._tcp",
      data: { priority: 10, weight: 5, port: 5060, target: "sip.qmoney.de" },
    };
    expect((await api.call("POST", path, srv)).result).toMatchObject({ content: "5 5060 sip.qmoney.de", priority: 10 });
  });

  test.each([
    [{ type: "A", name: "a", content: "1.2.3.400" }, 9005],
    [{ type: "AAAA", name: "a", content: "1.2.3.4" }, 9006],
    [{ type: "CNAME", name: "a", content: "1.2.3.4" }, 9007],
    [{ type: "CNAME", name: "a", content: "a.qmoney.de" }, 9039],
    [{ type: "TXT", name: "a", content: "x", proxied: true }, 9004],
    [{ type: "A", name: "a", content: "1.2.3.4", ttl: 30 }, 9021],
    [{ type: "A", name: "-a", content: "1.2.3.4" }, 9000],
    [{ type: "MX", name: "a", content: "mail.qmoney.de" }, 9000],
    [{ type: "WKS", name: "a", content: "x" }, 9000],
  ])("%o is refused with %d", async (input, code) => {
    const answer = await api.call("POST", path, input);
    expect(answer).toMatchObject({ status: 400, success: false, result: null, errors: [{ code }] });
  });

  test("PUT resets what it does not name, PATCH keeps it", async () => {
    const input = { type: "A", name: "a", content: "192.0.2.1", ttl: 600, comment: "first" };
    const { id } = (await api.call("POST", path, input)).result;
    api.tick(1000);
    const patched = await api.call("PATCH", `${path}/${id}`, { content: "192.0.2.2" });
    expect(patched.result).toMatchObject({ content: "192.0.2.2", ttl: 600, comment: "first" });
    expect(patched.result.modified_on).not.toBe(patched.result.created_on);
    const put = await api.call("PUT", `${path}/${id}`, { type: "A", name: "a", content: "192.0.2.3" });
    expect(put.result).toMatchObject({ id, content: "192.0.2.3", ttl: 1, comment: null });
    expect(put.result.comment_modified_on).toBeUndefined();
  });

  test("an absent record is 404 81044, which is what takes it out of a state on refresh", async () => {
    const { id } = (await api.call("POST", path, { type: "A", name: "a", content: "192.0.2.1" })).result;
    expect((await api.call("DELETE", `${path}/${id}`)).result).toEqual({ id });
    for (const method of ["GET", "DELETE"]) {
      expect(await api.call(method, `${path}/${id}`)).toMatchObject({ status: 404, errors: [{ code: 81044 }] });
    }
  });
});

describe("records beside each other", () => {
  const conflict = async (first: object, second: object): Promise<number | undefined> => {
    await api.call("POST", path, { name: "a", ...first });
    return (await api.call("POST", path, { name: "a", ...second })).errors[0]?.code;
  };
  const a = { type: "A", content: "192.0.2.1" };
  const cname = { type: "CNAME", content: "x.example" };

  test("identical: 81058", async () => expect(await conflict(a, { ...a, ttl: 600 })).toBe(81058));
  test("CNAME beside A: 81053", async () => expect(await conflict(a, cname)).toBe(81053));
  test("two CNAMEs: 81053", async () => expect(await conflict(cname, { ...cname, content: "y.example" })).toBe(81053));
  test("A beside CNAME: 81054", async () => expect(await conflict(cname, a)).toBe(81054));
  test("A beside NS: 81056", async () => expect(await conflict({ type: "NS", content: "ns.example" }, a)).toBe(81056));
  test("two A, or A and TXT, are fine", async () => {
    expect(await conflict(a, { ...a, content: "192.0.2.2" })).toBeUndefined();
    expect(await conflict(a, { type: "TXT", content: "x" })).toBeUndefined();
  });
  test("a record may be updated to what it is", async () => {
    const { id } = (await api.call("POST", path, { name: "a", ...a })).result;
    expect((await api.call("PUT", `${path}/${id}`, { name: "a", ...a })).success).toBe(true);
  });

  test("the plan's quota: 81045", async () => {
    for (let n = 0; n < 5; n++) await api.call("POST", path, { type: "TXT", name: `t${n}`, content: "x" });
    const over = await api.call("POST", path, { type: "TXT", name: "more", content: "x" });
    expect(over).toMatchObject({ status: 400, errors: [{ code: 81045, message: "Record quota exceeded." }] });
    expect((await api.call("GET", `${path}/usage`)).result).toEqual({ record_quota: 5, record_usage: 5 });
  });
});

describe("batch", () => {
  test("works in Cloudflare's order, so that a delete makes room for a post", async () => {
    const { id } = (await api.call("POST", path, { type: "A", name: "a", content: "192.0.2.1" })).result;
    const body = { posts: [{ type: "CNAME", name: "a", content: "x.example" }], deletes: [{ id }] };
    const { result } = await api.call("POST", `${path}/batch`, body);
    expect(result.deletes[0].id).toBe(id);
    expect(result.posts[0]).toMatchObject({ name: "a.qmoney.de", type: "CNAME" });
    expect(result.patches).toEqual([]);
  });

  test("one bad operation undoes all", async () => {
    const { id } = (await api.call("POST", path, { type: "A", name: "a", content: "192.0.2.1" })).result;
    const before = api.vendor.snapshot();
    const events = api.events.length;
    const body = {
      deletes: [{ id }],
      posts: [
        { type: "TXT", name: "t", content: "x" },
        { type: "A", name: "b", content: "no" },
      ],
    };
    expect(await api.call("POST", `${path}/batch`, body)).toMatchObject({ status: 400, errors: [{ code: 9005 }] });
    expect(api.vendor.snapshot()).toEqual(before);
    expect(api.events.length).toBe(events);
  });

  test("more operations than the plan allows are refused", async () => {
    const posts = [1, 2, 3, 4, 5].map((n) => ({ type: "TXT", name: `t${n}`, content: "x" }));
    expect((await api.call("POST", `${path}/batch`, { posts })).success).toBe(false);
  });
});

describe("list", () => {
  test("pages with result_info; filters by name, type and content", async () => {
    for (const n of [1, 2, 3]) await api.call("POST", path, { type: "A", name: `h${n}`, content: `192.0.2.${n}` });
    await api.call("POST", path, { type: "TXT", name: "h1", content: "Hello" });
    const page = await api.call("GET", `${path}?per_page=3&page=2`);
    expect(page.result_info).toEqual({ page: 2, per_page: 3, count: 1, total_count: 4, total_pages: 2 });
    const names = async (query: string): Promise<string[]> =>
      (await api.call("GET", `${path}?${query}`)).result.map(
        (r: { name: string; type: string }) => `${r.type} ${r.name}`,
      );
    expect(await names("name=H1.qmoney.de")).toEqual(["A h1.qmoney.de", "TXT h1.qmoney.de"]);
    expect(await names("name.exact=h1.qmoney.de&type=TXT")).toEqual(["TXT h1.qmoney.de"]);
    expect(await names("content.contains=hell")).toEqual(["TXT h1.qmoney.de"]);
    expect(await names("match=any&name=h2.qmoney.de&type=TXT")).toEqual(
      ["TXT h1.qmoney.de", "A h2.qmoney.de"].sort((x, y) => (x.startsWith("A") ? -1 : y.startsWith("A") ? 1 : 0)),
    );
    expect(await names("order=content&direction=desc&type=A")).toEqual([
      "A h3.qmoney.de",
      "A h2.qmoney.de",
      "A h1.qmoney.de",
    ]);
  });
});

test("wildcards answer what nothing hides (RFC 4592), as the design's one record a zone needs", async () => {
  await api.call("POST", path, { type: "CNAME", name: "*", content: "cname.vercel-dns.com" });
  await api.call("POST", path, { type: "TXT", name: "x.hidden", content: "y" });
  const { dns } = api.vendor;
  expect(dns.lookup("site1.qmoney.de", "CNAME")).toEqual(["cname.vercel-dns.com"]);
  expect(dns.lookup("deep.site1.qmoney.de", "CNAME")).toEqual(["cname.vercel-dns.com"]);
  expect(dns.lookup("hidden.qmoney.de", "CNAME")).toEqual([]);
  expect(dns.lookup("x.hidden.qmoney.de", "TXT")).toEqual(["y"]);
  expect(dns.lookup("other.example", "A")).toEqual([]);
});

test("after any sequence of calls a restored vendor answers the same", async () => {
  const name = fc.constantFrom("a", "b", "*", "@");
  const type = fc.constantFrom("A", "CNAME", "TXT", "NS");
  const step = fc.record({ name, type, drop: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const first = cloudflare({ zones: [{ name: "qmoney.de", id: ZONE }] });
      for (const { drop, ...input } of steps) {
        const content = input.type === "A" ? "192.0.2.1" : "target.example";
        const made = await first.call("POST", path, { ...input, content });
        if (drop && made.success) await first.call("DELETE", `${path}/${made.result.id}`);
      }
      const second = cloudflare();
      second.vendor.restore(JSON.parse(JSON.stringify(first.vendor.snapshot())));
      expect(second.vendor.inventory()).toEqual(first.vendor.inventory());
      expect((await second.call("GET", path)).result).toEqual((await first.call("GET", path)).result);
    }),
    { numRuns: 50 },
  );
});
