import { expect, test } from "vitest";
import { DEFAULT_ACCOUNT_ID } from "../../../../sandbox/cloudflare/index.ts";
import { cloudflare } from "./client.ts";

// Zones, settings and credentials: what `create / existing / skip` and the CDN settings of a zone stand on.
test("a zone is created pending with name servers, once", async () => {
  const api = cloudflare();
  const body = { name: "RemoteCash.de", account: { id: DEFAULT_ACCOUNT_ID }, type: "full" };
  const made = await api.call("POST", "/zones", body);
  expect(made.result).toMatchObject({ name: "remotecash.de", status: "pending", paused: false, type: "full" });
  expect(made.result.name_servers).toHaveLength(2);
  expect(made.result.plan).toMatchObject({ legacy_id: "free" });
  expect(await api.call("POST", "/zones", body)).toMatchObject({ status: 400, errors: [{ code: 1061 }] });
  expect((await api.call("PATCH", `/zones/${made.result.id}`, { paused: true })).result.paused).toBe(true);
  expect((await api.call("DELETE", `/zones/${made.result.id}`)).result).toEqual({ id: made.result.id });
  expect(await api.call("GET", `/zones/${made.result.id}`)).toMatchObject({ status: 404, errors: [{ code: 1001 }] });
});

test.each([
  [{ name: "www.qmoney.de" }, 1116],
  [{ name: "" }, 1004],
  [{ name: "qmoney.de", account: { id: "f".repeat(32) } }, 9109],
])("zone %o is refused with %d", async (body, code) => {
  expect(await cloudflare().call("POST", "/zones", body)).toMatchObject({ success: false, errors: [{ code }] });
});

test("existing zones are found by name; lists do not drop pages", async () => {
  const zones = Array.from({ length: 12 }, (_, n) => ({ name: `zone-${String(n).padStart(2, "0")}.de` }));
  const api = cloudflare({ zones });
  const found = await api.call("GET", "/zones?name=zone-07.de");
  expect(found.result).toHaveLength(1);
  expect(found.result[0]).toMatchObject({ name: "zone-07.de", status: "active", account: { id: DEFAULT_ACCOUNT_ID } });
  const last = await api.call("GET", "/zones?per_page=5&page=3");
  expect(last.result_info).toEqual({ page: 3, per_page: 5, count: 2, total_count: 12, total_pages: 3 });
  expect((await api.call("GET", "/zones?name=contains:-1")).result).toHaveLength(2);
});

test("settings: defaults, single and bulk change, real refusals", async () => {
  const api = cloudflare({ zones: [{ name: "qmoney.de" }] });
  const zone = (await api.call("GET", "/zones?name=qmoney.de")).result[0].id;
  const at = (id: string): string => `/zones/${zone}/settings/${id}`;
  expect((await api.call("GET", at("min_tls_version"))).result).toMatchObject({ value: "1.0", editable: true });
  const set = await api.call("PATCH", at("min_tls_version"), { value: "1.2" });
  expect(set.result).toMatchObject({ id: "min_tls_version", value: "1.2", modified_on: expect.any(String) });
  const code = async (id: string, value: unknown) => (await api.call("PATCH", at(id), { value })).errors[0]?.code;
  expect(await code("ssl", "always")).toBe(1007);
  expect(await code("browser_cache_ttl", 31)).toBe(1007);
  expect(await code("polish", "lossy")).toBe(1015);
  expect(await code("no_such", "on")).toBe(1006);
  const items = [
    { id: "ssl", value: "strict" },
    { id: "http3", value: "maybe" },
  ];
  expect((await api.call("PATCH", `/zones/${zone}/settings`, { items })).success).toBe(false);
  expect((await api.call("GET", at("ssl"))).result.value).toBe("full");
  expect((await api.call("GET", `/zones/${zone}/settings`)).result.length).toBeGreaterThan(40);
});

test("credentials: none, malformed, unknown, good", async () => {
  const api = cloudflare({ tokens: ["good-token"] });
  const code = async (headers: Record<string, string>) => {
    const answer = await api.call("GET", "/user/tokens/verify", undefined, headers);
    return [answer.status, answer.errors[0]?.code];
  };
  expect(await code({})).toEqual([400, 9106]);
  expect(await code({ authorization: "good-token" })).toEqual([400, 6003]);
  expect(await code({ authorization: "Bearer bad-token" })).toEqual([403, 10000]);
  expect(await code({ "x-auth-key": "k", "x-auth-email": "e" })).toEqual([403, 9103]);
  expect(await code({ authorization: "Bearer good-token" })).toEqual([200, undefined]);
});

test("unknown routes and malformed bodies get Cloudflare's own errors, not a stack trace", async () => {
  const api = cloudflare();
  expect(await api.call("GET", "/nothing/here")).toMatchObject({
    status: 404,
    errors: [{ code: 7003 }, { code: 7000 }],
  });
  expect(await api.call("GET", "/zones/not-an-id")).toMatchObject({
    status: 400,
    errors: [{ code: 7003 }, { code: 7000 }],
  });
  expect(await api.call("POST", "/zones", "{")).toMatchObject({ status: 400, errors: [{ code: 9207 }] });
});

test("a restored state keeps its zones and gains the seeds that are new", () => {
  const first = cloudflare({ zones: [{ name: "qmoney.de", plan: "pro" }] });
  const second = cloudflare({ zones: [{ name: "remotecash.de" }, { name: "qmoney.de" }] });
  second.vendor.restore(JSON.parse(JSON.stringify(first.vendor.snapshot())));
  const zones = second.vendor.inventory().zones?.map(({ name, plan }) => [name, plan]);
  expect(zones).toEqual([
    ["qmoney.de", "pro"],
    ["remotecash.de", "free"],
  ]);
  expect(() => second.vendor.restore({ zones: 1 })).toThrow();
});
