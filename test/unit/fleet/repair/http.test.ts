import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { askedPause, ReadApi } from "../../../../fleet/repair/http.ts";
import { githubRest } from "../../../../vendors/github/live.ts";

// Asking a vendor. What breaks when these fail: an answer that never came counts as "does not exist", and the object that
// is there is made a second time.

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(handle: RequestListener, token: string | undefined = "t"): Promise<ReadApi> {
  server = createServer(handle).listen(0, "127.0.0.1");
  await new Promise((ready) => server?.once("listening", ready));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new ReadApi({ vendor: "Vendor", baseUrl, tokenName: "VENDOR_TOKEN", token, query: { teamId: "t1" } }, 1);
}

describe("a question", () => {
  it("carries token, query and team; 404 means that there is nothing", async () => {
    const seen: unknown[] = [];
    const api = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers.authorization]);
      response.statusCode = request.url?.startsWith("/none") ? 404 : 200;
      response.end('{"a":1}');
    });
    expect(await api.get("/some", { b: "2" })).toEqual({ a: 1 });
    expect(await api.get("/none")).toBeUndefined();
    expect(seen).toEqual([
      ["GET", "/some?teamId=t1&b=2", "Bearer t"],
      ["GET", "/none?teamId=t1", "Bearer t"],
    ]);
  });

  it("is asked again after a limit, a fault and a lost connection", async () => {
    let calls = 0;
    const api = await serve((request, response) => {
      calls++;
      if (calls === 1) response.writeHead(429, { "retry-after": "0" }).end();
      else if (calls === 2) response.writeHead(502).end();
      else if (calls === 3) request.socket.destroy();
      else response.end("[]");
    });
    expect(await api.get("/")).toEqual([]);
    expect(calls).toBe(4);
  });

  it("that stays unanswered is an error, never nothing", async () => {
    const api = await serve((_, response) => response.writeHead(503).end());
    await expect(api.get("/")).rejects.toMatchObject({ code: "repair.vendor" });
  });

  it.each([401, 403, 400])("that is refused with %i is not repeated", async (status) => {
    let calls = 0;
    const api = await serve((_, response) => {
      calls++;
      response.writeHead(status).end("{}");
    });
    await expect(api.get("/")).rejects.toMatchObject({ code: "repair.vendor" });
    expect(calls).toBe(1);
  });

  it("without a token names the variable", async () => {
    const api = await serve((_, response) => response.end("{}"), "");
    await expect(api.get("/")).rejects.toMatchObject({ hint: "set VENDOR_TOKEN" });
  });
});

it.each([
  ["7", 7_000],
  ["0", 0],
  ["100000", 310_000],
  [new Date(5_000).toUTCString(), 4_000],
  ["", undefined],
  [null, undefined],
  ["soon", undefined],
])("reads Retry-After %s", (value, ms) => {
  expect(askedPause(value, 1_000)).toBe(ms);
});

it.each([
  ["https://api.github.com/", "https://api.github.com"],
  ["http://127.0.0.1:1/", "http://127.0.0.1:1/api/v3"],
  ["https://git.example.org/api/v3/", "https://git.example.org/api/v3"],
  ["https://acme.ghe.com", "https://api.acme.ghe.com"],
])("finds GitHub's API at %s", (given, rest) => {
  expect(githubRest(given)).toBe(rest);
});
