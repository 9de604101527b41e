import { Agent, fetch as request } from "undici";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createFaultController,
  createRequestLog,
  type FaultConfigInput,
  type Served,
  serve,
  type VendorName,
} from "../../../../sandbox/core/index.ts";
import { fakeVendor } from "./fake.ts";

// Faults must look on the wire like the vendors' own, or what survives them here fails against the real ones.
const log = createRequestLog();
const faults = createFaultController();
const dispatcher = new Agent({ pipelining: 1 });
const open: Served[] = [];
let fake: ReturnType<typeof fakeVendor>;
let url: string;

async function start(name: VendorName = "vercel", config: FaultConfigInput = {}): Promise<void> {
  fake = fakeVendor(name);
  faults.set(config);
  const served = await serve(fake.vendor, { log, faults });
  open.push(served);
  url = served.url;
}

beforeEach(() => log.clear());
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

const get = (path = "/v1/things") => request(url + path, { dispatcher, headers: { authorization: "Bearer t" } });
const post = (body = "x") => request(`${url}/v1/things`, { dispatcher, method: "POST", body });

describe("faults", () => {
  test("a status comes with the vendor's body and Retry-After, after n calls, so many times", async () => {
    const action = { type: "status", status: 503, retryAfter: 2 } as const;
    await start("cloudflare", { faults: [{ id: "f", method: "GET", after: 1, times: 2, action }] });
    const answers = [await get(), await get(), await get(), await get()];
    expect(answers.map((answer) => answer.status)).toEqual([200, 503, 503, 200]);
    expect(answers[1]?.headers.get("retry-after")).toBe("2");
    expect(await answers[1]?.json()).toMatchObject({
      success: false,
      errors: [{ code: expect.any(Number) }],
      result: null,
    });
    expect(faults.status().faults).toEqual({ f: { matched: 4, applied: 2 } });
  });

  test.each([
    ["vercel", { error: { code: "internal_server_error", message: "Internal Server Error" } }],
    ["github", { message: "Internal Server Error", status: "500" }],
  ] as const)("%s has its own body", async (name, body) => {
    await start(name, { faults: [{ id: "f", action: { type: "status", status: 500 } }] });
    expect(await (await get()).json()).toMatchObject(body);
  });

  test("apply-then-fail has carried the call out: the trap of every create", async () => {
    await start("vercel", {
      faults: [
        { id: "five", body: "five", action: { type: "apply-then-fail", status: 500 } },
        { id: "cut", body: "cut", action: { type: "apply-then-fail" } },
      ],
    });
    expect((await post("five")).status).toBe(500);
    await expect(post("cut")).rejects.toThrow();
    expect((await post("fine")).status).toBe(201);
    expect(fake.things).toEqual(["five", "cut", "fine"]);
  });

  test("drop and hang cut the connection and are logged with status 0; nothing was applied", async () => {
    await start("vercel", {
      faults: [
        { id: "drop", body: "drop", action: { type: "drop" } },
        { id: "hang", body: "hang", action: { type: "hang", ms: 50 } },
      ],
    });
    await expect(post("drop")).rejects.toThrow();
    await expect(post("hang")).rejects.toThrow();
    expect(fake.things).toEqual([]);
    const { latest } = log.summary();
    expect(latest.map(({ status, rule }) => [status, rule])).toEqual([
      [0, "drop"],
      [0, "hang"],
    ]);
  });

  test("a hanging call ends when its client gives up, and does not keep the server from closing", async () => {
    await start("vercel", { faults: [{ id: "hang", action: { type: "hang", ms: 60_000 } }] });
    await expect(request(url, { dispatcher, signal: AbortSignal.timeout(100) })).rejects.toThrow();
    await expect.poll(() => log.summary().total, { timeout: 5000 }).toBe(1);
    const waiting = get().catch(() => "cut");
    await expect.poll(() => faults.status().faults.hang?.applied).toBe(2);
    await open.pop()?.close();
    expect(await waiting).toBe("cut");
    await expect.poll(() => log.summary().total, { timeout: 5000 }).toBe(2);
  });

  test("the same seed hits the same calls", async () => {
    const config = {
      seed: 7,
      faults: [{ id: "f", probability: 0.5, action: { type: "status", status: 500 } }],
    } as const;
    const pattern = async (): Promise<number[]> => {
      const statuses: number[] = [];
      for (let n = 0; n < 20; n++) statuses.push((await get()).status);
      return statuses;
    };
    await start("vercel", config as unknown as FaultConfigInput);
    const first = await pattern();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    faults.set(config as unknown as FaultConfigInput);
    expect(await pattern()).toEqual(first);
  });

  test("latency applies where it is asked for", async () => {
    await start("vercel", { latency: [{ method: "POST", ms: 80 }] });
    await Promise.all([get(), post()]);
    const { routes } = log.summary();
    expect(routes.find((route) => route.method === "POST")?.totalMs).toBeGreaterThanOrEqual(78);
    expect(routes.find((route) => route.method === "GET")?.totalMs).toBeLessThan(78);
  });

  test("a configuration that is not valid changes nothing", async () => {
    await start("vercel", { faults: [{ id: "f", action: { type: "status", status: 500 } }] });
    expect(() => faults.set({ faults: [{ id: "f", path: "(", action: { type: "drop" } }] })).toThrow();
    const twice = { id: "f", action: { type: "drop" } } as const;
    expect(() => faults.set({ faults: [twice, twice] })).toThrow();
    expect((await get()).status).toBe(500);
    faults.clear();
    expect((await get()).status).toBe(200);
  });
});

describe("rate limits answer as the vendor does", () => {
  const limits = (vendor: VendorName, more: object = {}) => ({
    limits: [{ id: "l", vendor, amount: 1, per: 60, ...more }],
  });
  const overLimit = async (vendor: VendorName, more: object = {}, path?: string) => {
    await start(vendor, limits(vendor, more));
    const first = await get(path);
    const second = await get(path);
    return { first, second, body: await second.text() };
  };

  test("Vercel: 429, rate_limited, x-ratelimit-* and Retry-After", async () => {
    const { first, second, body } = await overLimit("vercel");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(Number(second.headers.get("x-ratelimit-reset")) * 1000).toBeGreaterThan(Date.now());
    expect(JSON.parse(body)).toMatchObject({ error: { code: "rate_limited", limit: { remaining: 0, total: 1 } } });
    expect(log.summary().vendors.vercel).toMatchObject({ reads: 2, limited: 1 });
  });

  test("Cloudflare: 429 with its envelope, blocked for as long as the block lasts", async () => {
    const { second, body } = await overLimit("cloudflare", { block: 300 });
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(290);
    expect(JSON.parse(body)).toMatchObject({ success: false, errors: [{ code: 10100 }] });
  });

  test("GitHub: 403 for both kinds, x-ratelimit-reset for one, retry-after for the other", async () => {
    const primary = await overLimit("github");
    expect(primary.second.status).toBe(403);
    expect(primary.second.headers.get("retry-after")).toBeNull();
    expect(primary.second.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(JSON.parse(primary.body).message).toMatch(/^API rate limit exceeded/);
    const secondary = await overLimit("github", { kind: "secondary" });
    expect(secondary.second.status).toBe(403);
    expect(secondary.first.headers.get("x-ratelimit-remaining")).toBeNull();
    expect(Number(secondary.second.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(JSON.parse(secondary.body).message).toMatch(/secondary rate limit/);
  });

  test("Slack and Discord, each in its own way", async () => {
    expect((await overLimit("chat", {}, "/api/chat.postMessage")).body).toBe('{"ok":false,"error":"ratelimited"}');
    expect(JSON.parse((await overLimit("chat", {}, "/api/webhooks/1/t")).body)).toMatchObject({
      retry_after: expect.any(Number),
    });
  });

  test("an unannounced limit shows only when it is hit", async () => {
    const { first, second } = await overLimit("vercel", { announce: false });
    expect(first.headers.get("x-ratelimit-limit")).toBeNull();
    expect(second.headers.get("x-ratelimit-limit")).toBeNull();
    expect(second.headers.get("retry-after")).not.toBeNull();
  });
});

describe("the log", () => {
  test("counts reads and writes by route, without query, header or body", async () => {
    await start();
    await get("/v1/things/1?secret=canary");
    await get("/v1/things/2");
    await post("canary");
    await get("/nothing");
    const summary = log.summary();
    expect(summary.routes.map(({ method, route, count, ok }) => [method, route, count, ok])).toEqual([
      ["GET", "/v1/things/:id", 2, 2],
      ["POST", "/v1/things", 1, 1],
      ["GET", "(other)", 1, 0],
    ]);
    expect(summary.vendors).toEqual({ vercel: { reads: 3, writes: 1, writesOk: 1, limited: 0 } });
    expect(JSON.stringify(summary)).not.toContain("canary");
    expect(JSON.stringify(summary)).not.toContain("Bearer");
  });

  test("keeps the latest calls and all counts", () => {
    const small = createRequestLog(2);
    for (const path of ["/a", "/b", "/c"]) {
      small.add({ at: 0, vendor: "vercel", method: "GET", path, route: path, status: 200, ms: 1 });
    }
    expect(small.summary()).toMatchObject({
      total: 3,
      latest: [
        { n: 2, path: "/b" },
        { n: 3, path: "/c" },
      ],
    });
    expect(small.summary(0).latest).toEqual([]);
    expect(small.summary().routes).toHaveLength(3);
  });
});

test("a taken port is an error that says so", async () => {
  await start();
  const port = Number(new URL(url).port);
  await expect(serve(fake.vendor, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("a vendor that throws is a defect of the sandbox, told apart from a fault", async () => {
  await start();
  fake.vendor.fetch = async () => {
    throw new Error("bug");
  };
  const answer = await get();
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({ error: { code: "sandbox_defect", message: "bug" } });
});
