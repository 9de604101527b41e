import { describe, expect, it } from "vitest";
import { Ledger } from "../../../../fleet/budget/ledger.ts";
import { memoryStore } from "../../../../fleet/budget/store.ts";
import { readLimits } from "../../../../vendors/index.ts";
import { fakeClock, rate } from "./support.ts";

// What breaks: after a 429 the run goes on as before, or stops for ever because of one odd header.

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

describe("headers", () => {
  it("of Vercel's answers and refusals", () => {
    const headers = {
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": "7",
      "x-ratelimit-reset": `${NOW / 1000 + 60}`,
    };
    expect(readLimits("vercel", 200, headers, NOW)).toEqual({
      limited: false,
      amount: 100,
      remaining: 7,
      resetInMs: 60_000,
    });
    expect(readLimits("vercel", 429, { ...headers, "retry-after": "30" }, NOW)).toMatchObject({
      limited: true,
      retryInMs: 30_000,
    });
  });

  it("of Cloudflare", () => {
    const headers = { ratelimit: '"default";r=3;t=120', "ratelimit-policy": '"default";q=1200;w=300' };
    expect(readLimits("cloudflare", 200, headers, NOW)).toEqual({
      limited: false,
      amount: 1200,
      remaining: 3,
      resetInMs: 120_000,
    });
  });

  it("of GitHub, which refuses with 403: primary by what remains, secondary by Retry-After", () => {
    const primary = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${NOW / 1000 + 10}` };
    expect(readLimits("github", 403, primary, NOW)).toMatchObject({ limited: true, retryInMs: 10_000 });
    expect(readLimits("github", 403, { "retry-after": "60" }, NOW)).toMatchObject({ limited: true, retryInMs: 60_000 });
    expect(readLimits("github", 403, {}, NOW)).toEqual({ limited: false });
  });

  it("that are nonsense teach nothing", () => {
    const odd = { "x-ratelimit-limit": "many", "x-ratelimit-reset": "", "retry-after": "soon" };
    expect(readLimits("vercel", 429, odd, NOW)).toEqual({ limited: true });
    const date = new Date(NOW + 5000).toUTCString();
    expect(readLimits("vercel", 429, { "retry-after": date }, NOW).retryInMs).toBeLessThanOrEqual(5000);
  });
});

describe("learning", () => {
  const specs = [rate("vercel.minute", 12, 60_000), rate("vercel.hour", 100, HOUR)];
  const both = ["vercel.minute", "vercel.hour"];
  const make = () => {
    const clock = fakeClock(NOW);
    return { clock, ledger: new Ledger({ store: memoryStore(), specs, clock }) };
  };
  const pass = async (ledger: Ledger, times: number, keys = both) => {
    for (let i = 0; i < times; i += 1) {
      const ticket = await ledger.call(keys, NOW * 2);
      if ("id" in ticket) await ledger.answered(ticket, { limited: false });
    }
  };
  const refuse = async (ledger: Ledger, info: object, keys = both) => {
    const ticket = await ledger.call(keys, NOW * 2);
    if ("id" in ticket) await ledger.answered(ticket, { limited: true, ...info });
  };
  const of = async (ledger: Ledger, key: string) => (await ledger.standings()).find((one) => one.key === key);

  it("from a silent refusal: what was let through is the new amount, and nothing goes before the pause is over", async () => {
    const { ledger, clock } = make();
    await pass(ledger, 6);
    await refuse(ledger, { retryInMs: 30_000 });
    expect(await of(ledger, "vercel.minute")).toMatchObject({ amount: 6, used: 6, blockedUntil: clock.now() + 30_000 });
    expect(await of(ledger, "vercel.hour")).toMatchObject({ amount: 100 });
    expect(await ledger.call(both, clock.now() + 29_000)).toHaveProperty("at");
  });

  it("goes down again with every further refusal, never below one", async () => {
    const { ledger } = make();
    await pass(ledger, 2);
    for (let i = 0; i < 8; i += 1) await refuse(ledger, { retryInMs: 1000 });
    expect(await of(ledger, "vercel.minute")).toMatchObject({ amount: 1 });
  });

  it("takes a long wait for the limit with the long window", async () => {
    const { ledger } = make();
    await pass(ledger, 4);
    await refuse(ledger, { retryInMs: 1_800_000 });
    expect(await of(ledger, "vercel.hour")).toMatchObject({ amount: 4 });
    expect(await of(ledger, "vercel.minute")).toMatchObject({ amount: 12 });
  });

  it("takes a smaller amount from an answer, and uses of others", async () => {
    const { ledger } = make();
    const ticket = await ledger.call(["vercel.hour"], NOW * 2);
    if ("id" in ticket) await ledger.answered(ticket, { limited: false, amount: 50, remaining: 20, resetInMs: 60_000 });
    expect(await of(ledger, "vercel.hour")).toMatchObject({ amount: 50, used: 30 });
  });

  it("never raises an amount, and tries the catalog's again after a day", async () => {
    const { ledger, clock } = make();
    await refuse(ledger, { amount: 10, retryInMs: 1000 }, ["vercel.hour"]);
    expect(await of(ledger, "vercel.hour")).toMatchObject({ amount: 10 });
    await refuse(ledger, { amount: 500, retryInMs: 1000 }, ["vercel.hour"]);
    expect((await of(ledger, "vercel.hour"))?.amount).toBeLessThanOrEqual(10);
    clock.advance(25 * HOUR);
    expect(await of(ledger, "vercel.hour")).toMatchObject({ amount: 100 });
  });
});
