import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createClock } from "../../../../fleet/budget/clock.ts";
import { type Gateway, startGateway } from "../../../../fleet/budget/gateway.ts";
import { Ledger } from "../../../../fleet/budget/ledger.ts";
import { memoryStore } from "../../../../fleet/budget/store.ts";
import { rate } from "./support.ts";

// What breaks: a provider sees a 429 that could have been waited out, or an answer that is not the vendor's.

let vendor: Server;
let gateway: Gateway;
let ledger: Ledger;
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];

async function start(
  answer: (request: IncomingMessage, response: ServerResponse, n: number) => void,
  options: { amount?: number; perMs?: number; patienceMs?: number } = {},
): Promise<void> {
  seen.length = 0;
  vendor = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
    answer(request, response, seen.length);
  });
  await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const specs = [rate("vercel.project-create", options.amount ?? 100, options.perMs ?? 3_600_000)];
  ledger = new Ledger({ store: memoryStore(), specs, clock: createClock(), metered: new Set(["vercel"]) });
  gateway = await startGateway({
    ledger,
    vendors: ["vercel", "cloudflare", "github"],
    env: { VERCEL_API_URL: url, CLOUDFLARE_BASE_URL: `${url}/client/v4`, GITHUB_BASE_URL: `${url}/` },
    patienceMs: { vercel: options.patienceMs ?? 5000 },
    waiting: (...wait) => waits.push(wait),
  });
}
const post = (path = "/v8/projects?teamId=t", body = '{"name":"a"}') =>
  fetch(`${gateway.env.VERCEL_API_URL}${path}`, { method: "POST", body, headers: { authorization: "Bearer x" } });

const waits: unknown[] = [];

afterEach(async () => {
  waits.length = 0;
  await gateway.close();
  await ledger.close();
  vendor.closeAllConnections();
  await new Promise((resolve) => vendor.close(resolve));
});

describe("the gateway", () => {
  it("passes a call and its answer on unchanged", async () => {
    await start((_, response) => response.writeHead(201, { "x-own": "1", "content-type": "text/x" }).end("made"));
    const answer = await post();
    expect([answer.status, answer.headers.get("x-own"), await answer.text()]).toEqual([201, "1", "made"]);
    expect(seen[0]).toMatchObject({ method: "POST", url: "/v8/projects?teamId=t", body: '{"name":"a"}' });
    expect(seen[0]?.headers).toMatchObject({ authorization: "Bearer x", "content-length": "12" });
    expect(seen[0]?.headers.host).toContain("127.0.0.1");
    expect(gateway.env.CLOUDFLARE_BASE_URL).toMatch(/\/client\/v4$/);
    expect(gateway.env.GITHUB_BASE_URL).toMatch(/\/$/);
  });

  it("waits a refusal out and sends the call again, body and all", async () => {
    await start((_, response, n) => {
      if (n === 1) response.writeHead(429, { "retry-after": "1" }).end("{}");
      else response.writeHead(200).end("ok");
    });
    const started = performance.now();
    const answer = await post();
    expect(answer.status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(seen.map(({ body }) => body)).toEqual(['{"name":"a"}', '{"name":"a"}']);
    expect(gateway.figures().vercel).toMatchObject({ absorbed: 1, refused: 0 });
    expect((await ledger.standings())[0]).toMatchObject({ key: "vercel.project-create", amount: 1 });
  });

  it("holds calls back when the budget is used up, so that the vendor never sees too many", async () => {
    const times: number[] = [];
    await start(
      (_, response) => {
        times.push(performance.now());
        response.end("ok");
      },
      { amount: 3, perMs: 600 },
    );
    const answers = await Promise.all(Array.from({ length: 9 }, () => post()));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    for (const at of times)
      expect(times.filter((other) => other > at - 600 && other <= at).length).toBeLessThanOrEqual(3);
    expect(gateway.figures().vercel?.delayed).toBeGreaterThan(0);
  });

  it("answers itself, for the provider to come back, when the wait is too long", async () => {
    await start((_, response) => response.end("ok"), { amount: 1, patienceMs: 100 });
    expect((await post()).status).toBe(200);
    const answer = await post();
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeLessThan(300);
    expect(await answer.json()).toMatchObject({ error: { code: "rate_limited" } });
    expect(waits).toEqual([["vercel", "vercel.project-create", expect.any(Number)]]);
    // An hour, and up to a minute more: the window is exact to a sixtieth of itself.
    const [[, , seconds]] = waits as [[string, string, number]];
    expect(seconds).toBeGreaterThan(3590);
    expect(seconds).toBeLessThan(3670);
    expect(seen).toHaveLength(1);
  });

  it("passes a refusal on that lasts longer than a provider can be kept waiting", async () => {
    await start((_, response) =>
      response.writeHead(429, { "retry-after": "3600" }).end('{"error":{"code":"rate_limited"}}'),
    );
    const answer = await post();
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "3600"]);
    expect(gateway.figures().vercel).toMatchObject({ refused: 1, absorbed: 0 });
    // Said while it lasts, and not again for every call that meets it.
    await post();
    expect(waits).toEqual([["vercel", "vercel.project-create", 3600]]);
  });

  it("does not count calls that no limit is about, and passes large bodies through", async () => {
    await start((_, response) => response.end("ok"), { amount: 1 });
    const large = "x".repeat(2_000_000);
    for (let i = 0; i < 3; i += 1) expect((await post("/v2/files", large)).status).toBe(200);
    expect(seen.map(({ body }) => body.length)).toEqual([2_000_000, 2_000_000, 2_000_000]);
    expect(gateway.figures().vercel).toMatchObject({ calls: 3, counted: 0 });
  });

  it("answers 502 when the vendor breaks off, and the call still counts", async () => {
    await start((request) => request.socket.destroy(), { amount: 5 });
    expect((await post()).status).toBe(502);
    expect((await ledger.standings())[0]).toMatchObject({ used: 1 });
  });
});
