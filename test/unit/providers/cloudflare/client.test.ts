// Breaks when the stand-in gives up sooner, or tries more often, than the real provider's client.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelay } from "../../../../sandbox/providers/cloudflare/client.ts";

const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers, body: undefined });
const always = () => 0.5;

describe("retryDelay", () => {
  it.each([408, 409, 429, 500, 502, 504])("tries %i twice more, waiting longer each time", (status) => {
    expect(retryDelay(1, answer(status), () => 0)).toBe(500);
    expect(retryDelay(2, answer(status), () => 0)).toBe(1000);
    expect(retryDelay(3, answer(status), () => 0)).toBeUndefined();
  });

  it.each([400, 401, 403, 404, 422])("does not try %i again", (status) => {
    expect(retryDelay(1, answer(status), always)).toBeUndefined();
  });

  it("tries again when there was no answer", () => {
    expect(retryDelay(1, undefined, () => 0)).toBe(500);
  });

  it("obeys Retry-After under a minute, in milliseconds first, and no longer one", () => {
    expect(retryDelay(1, answer(429, { "retry-after": "7" }), always)).toBe(7000);
    expect(retryDelay(1, answer(429, { "retry-after": "7", "retry-after-ms": "20" }), always)).toBe(20);
    expect(retryDelay(1, answer(429, { "retry-after": "300" }), () => 0)).toBe(500);
    const inFive = new Date(Date.now() + 5_000).toUTCString();
    expect(retryDelay(1, answer(429, { "retry-after": inFive }), always)).toBeGreaterThan(3_000);
  });

  it("does what x-should-retry says", () => {
    expect(retryDelay(1, answer(400, { "x-should-retry": "true" }), () => 0)).toBe(500);
    expect(retryDelay(1, answer(500, { "x-should-retry": "false" }), always)).toBeUndefined();
  });

  it("never waits longer than a minute nor less than nothing, whatever the header says", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 2 }), (header, attempt) => {
        const wait = retryDelay(attempt, answer(503, { "retry-after": header }), always);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(60_000);
      }),
    );
  });
});
