import { createServer } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { parseAddress } from "../../../../checks/probe/address.ts";
import { BODY_LIMIT, probe } from "../../../../checks/probe/probe.ts";
import { openVantage } from "../../../../checks/probe/way.ts";
import { authority, deadPort, nameServer, plainServer, secureServer } from "./world.ts";

const HOST = "quiz.example.test";
let ca: Awaited<ReturnType<typeof authority>>;
const seen: string[] = [];
const page = (port: number, more: Record<string, unknown> = {}) => ({
  url: `https://${HOST}/`,
  timeoutMs: 4_000,
  ...more,
  way: openVantage({ name: "here", address: `127.0.0.1:${port}` }, { SITEFLEET_CA_FILE: ca.caFile }),
});
const ask = ({ way, ...question }: ReturnType<typeof page>) => probe(question, way);

beforeAll(async () => {
  ca = await authority();
});

describe("TLS", () => {
  test("the name stays the host's at another address, and the certificate is kept", async () => {
    const port = await secureServer(await ca.issue(HOST), (request, response) => {
      response.setHeader("x-commit", "abc");
      response.end(`for ${request.headers.host}`);
    });
    const found = await ask(page(port));
    expect(found.trouble).toBeUndefined();
    expect(found.answer).toMatchObject({ status: 200, body: `for ${HOST}`, cut: false });
    expect(found.answer?.headers["x-commit"]).toBe("abc");
    expect(found.certificate).toMatchObject({ names: [HOST], subject: `CN=${HOST}` });
    expect(found.certificate?.problem).toBeUndefined();
    expect((found.certificate?.until ?? 0) - Date.now()).toBeGreaterThan(59 * 86_400_000);
    expect(found.name).toEqual({ by: "override", addresses: ["127.0.0.1"] });
    expect(found.remote).toBe(`127.0.0.1:${port}`);
    const { nameMs, connectMs, firstMs, totalMs } = found.timing;
    for (const ms of [nameMs, connectMs, firstMs]) expect(ms).toBeLessThanOrEqual(totalMs + 1);
  });

  // Breaks when a check sends paths or secrets to whoever stands in between.
  test.each([
    ["CERT_HAS_EXPIRED", () => ca.issue(HOST, { from: -90, until: -1 })],
    ["CERT_NOT_YET_VALID", () => ca.issue(HOST, { from: 5 })],
    ["ERR_TLS_CERT_ALTNAME_INVALID", () => ca.issue("other.example.test")],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", async () => (await authority()).issue(HOST)],
  ])("nothing is sent over a connection with %s, and its certificate is kept", async (code, issue) => {
    seen.length = 0;
    const port = await secureServer(await issue(), (request, response) => {
      seen.push(request.url ?? "");
      response.end();
    });
    const found = await ask(page(port));
    expect(found.answer).toBeUndefined();
    expect(found.trouble).toMatchObject({ stage: "tls", code });
    expect(found.certificate?.problem).toBe(code);
    expect(seen).toEqual([]);
    const tolerant = await ask(page(port, { verify: false }));
    expect(tolerant.answer?.status).toBe(200);
  });

  test("an address in clear is spoken to in clear, also for https", async () => {
    const port = await plainServer((request, response) => response.end(`${request.headers.host}`));
    const way = openVantage({ name: "here", address: `http://127.0.0.1:${port}` }, {});
    const found = await probe({ url: `https://${HOST}/`, timeoutMs: 4_000 }, way);
    expect(found).toMatchObject({ clear: true, answer: { status: 200, body: HOST } });
    expect(found.certificate).toBeUndefined();
  });
});

describe("no answer", () => {
  test("nobody listens", async () => {
    expect((await ask(page(await deadPort()))).trouble).toMatchObject({ stage: "connect", code: "ECONNREFUSED" });
  });

  // Breaks when a server that hangs, after its promotion for instance, is taken for a network error.
  test("a server that never answers is told apart from one that takes no connection", async () => {
    const silent = await secureServer(await ca.issue(HOST), () => {});
    expect((await ask(page(silent, { timeoutMs: 400 }))).trouble).toMatchObject({ stage: "answer", code: "TIMEOUT" });
    const deaf = createServer(() => {});
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    const { port } = deaf.address() as { port: number };
    expect((await ask(page(port, { timeoutMs: 400 }))).trouble).toMatchObject({ stage: "tls", code: "TIMEOUT" });
    deaf.close();
  });

  test("a connection that is cut before the answer, and in its middle", async () => {
    const cut = await secureServer(await ca.issue(HOST), (request) => request.socket.destroy());
    expect((await ask(page(cut))).trouble?.stage).toBe("answer");
    const half = await secureServer(await ca.issue(HOST), (request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("begin");
      setTimeout(() => request.socket.destroy(), 20);
    });
    const found = await ask(page(half));
    expect(found.trouble?.stage).toBe("body");
    expect(found.answer).toBeUndefined();
  });

  test("an abort from outside is thrown, not told as an answer", async () => {
    const silent = await plainServer(() => {});
    const way = openVantage({ name: "here", address: `127.0.0.1:${silent}` }, {});
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("enough")), 30);
    await expect(probe({ url: `http://${HOST}/`, timeoutMs: 5_000 }, way, abort.signal)).rejects.toThrow("enough");
  });
});

test("of an endless body only the beginning is read", async () => {
  let written = 0;
  const port = await plainServer((_request, response) => {
    const more = () => {
      do written += 64 * 1024;
      while (response.write("x".repeat(64 * 1024)));
      response.once("drain", more);
    };
    more();
  });
  const way = openVantage({ name: "here", address: `127.0.0.1:${port}` }, {});
  const { answer } = await probe({ url: `http://${HOST}/`, timeoutMs: 10_000 }, way);
  expect(answer?.cut).toBe(true);
  expect(answer?.body.length).toBe(BODY_LIMIT);
  // What stands in the buffers between them is written as well.
  expect(written).toBeLessThan(BODY_LIMIT + 16 * 1024 * 1024);
});

describe("names", () => {
  const at = async (answer: string, port: number) => {
    const vantage = { name: "here", resolvers: [await nameServer(answer)] };
    return probe({ url: `http://${HOST}:${port}/`, timeoutMs: 15_000 }, openVantage(vantage, {}));
  };

  test("what name servers answer is where the connection goes, and is kept", async () => {
    const port = await plainServer((_request, response) => response.end("here"));
    const found = await at("127.0.0.1", port);
    expect(found.name).toEqual({ by: "dns", addresses: ["127.0.0.1"] });
    expect(found.answer?.body).toBe("here");
  });

  test("a name that does not exist, and a name server that is broken", async () => {
    expect((await at("absent", 1)).trouble).toMatchObject({ stage: "name", code: "ENOTFOUND" });
    expect((await at("broken", 1)).trouble).toMatchObject({ stage: "name", code: "ESERVFAIL" });
  });

  // Breaks when a host that only IPv6 leads to is said not to exist because its name server stumbles.
  test("one family's failure does not prove that there is no address", async () => {
    expect((await at("half", 1)).trouble).toMatchObject({ stage: "name", code: "ESERVFAIL" });
  });

  test("a name server that is silent", async () => {
    const vantage = { name: "here", resolvers: [await nameServer("silent")] };
    const found = await probe({ url: `http://${HOST}/`, timeoutMs: 700 }, openVantage(vantage, {}));
    expect(found.trouble).toMatchObject({ stage: "name", code: "TIMEOUT" });
  });
});

describe("a proxy", () => {
  test("is asked for a tunnel with its login, and the certificate is the host's", async () => {
    const inner = await secureServer(await ca.issue(HOST), (_request, response) => response.end("through"));
    const asked: (string | undefined)[] = [];
    const { createServer: http } = await import("node:http");
    const { connect } = await import("node:net");
    const proxy = http();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url, request.headers["proxy-authorization"]);
      const upstream = connect(inner, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on("error", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as { port: number };
    const vantage = { name: "far", proxy: `http://127.0.0.1:${port}`, proxyLogin: "LOGIN" };
    const way = openVantage(vantage, { SITEFLEET_CA_FILE: ca.caFile, LOGIN: "user:pass" });
    const found = await probe({ url: `https://${HOST}/`, timeoutMs: 5_000 }, way);
    expect(found.answer?.body).toBe("through");
    expect(found.certificate?.names).toEqual([HOST]);
    expect(asked).toEqual([`${HOST}:443`, `Basic ${Buffer.from("user:pass").toString("base64")}`]);
    proxy.close();
    proxy.closeAllConnections();
  });

  test("that refuses, and one whose login is missing", async () => {
    const port = await plainServer((_request, response) => response.writeHead(407).end());
    const way = openVantage({ name: "far", proxy: `http://127.0.0.1:${port}` }, {});
    expect((await probe({ url: `https://${HOST}/`, timeoutMs: 3_000 }, way)).trouble?.stage).toBe("proxy");
    const login = { name: "far", proxy: "http://127.0.0.1:1", proxyLogin: "NOWHERE" };
    expect(() => openVantage(login, {})).toThrow(expect.objectContaining({ code: "health.proxy-login" }));
  });

  test("the environment's proxy is used unless an address is given or NO_PROXY names the host", () => {
    const env = { HTTPS_PROXY: "http://u:p%40ss@proxy.test:3128", NO_PROXY: "localhost, .inner.test,other.test:443" };
    const way = openVantage(undefined, env);
    expect(way.proxy(HOST, true)).toMatchObject({
      login: "u:p@ss",
      url: expect.objectContaining({ host: "proxy.test:3128" }),
    });
    expect(way.proxy(HOST, true)?.url.href).not.toContain("p%40ss");
    expect(way.proxy(HOST, false)).toBeUndefined();
    for (const host of ["a.inner.test", "inner.test", "other.test"]) expect(way.proxy(host, true)).toBeUndefined();
    expect(openVantage(undefined, { ...env, SITEFLEET_RESOLVE: "127.0.0.1:1" }).proxy(HOST, true)).toBeUndefined();
  });
});

test.each([
  ["127.0.0.1", [[0, { host: "127.0.0.1" }]]],
  ["[::1]:8443", [[0, { host: "::1", port: 8443 }]]],
  ["http://127.0.0.1:80", [[0, { host: "127.0.0.1", port: 80, clear: true }]]],
  [
    "80=a.test:8080,443=b.test",
    [
      [80, { host: "a.test", port: 8080 }],
      [443, { host: "b.test" }],
    ],
  ],
])("address %s", (text, expected) => {
  expect([...parseAddress(text, "x")]).toEqual(expected);
});

test.each(["", "a b", "host:0", "host:70000", "::1", "[1.2.3.4]", "80=a,80=b", "ftp://x"])(
  "address %j is refused",
  (text) => {
    expect(() => parseAddress(text, "x")).toThrow(expect.objectContaining({ code: "health.address" }));
  },
);
