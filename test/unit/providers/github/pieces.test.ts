// Breaks when ids, addresses, waits or names differ from the real provider's: states could not be handed over to it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rateLimitWait, restUrl } from "../../../../sandbox/providers/github/client.ts";
import { joinId, splitId } from "../../../../sandbox/providers/github/ids.ts";
import { PacedQueue } from "../../../../sandbox/providers/github/pace.ts";
import { goTime } from "../../../../sandbox/providers/github/repository.ts";
import { checkName } from "../../../../sandbox/providers/github/secret-name.ts";

describe("restUrl", () => {
  it.each([
    ["https://api.github.com/", "https://api.github.com"],
    ["https://github.com", "https://api.github.com"],
    ["https://acme.ghe.com/", "https://api.acme.ghe.com"],
    ["https://api.acme.ghe.com", "https://api.acme.ghe.com"],
    ["http://127.0.0.1:4000/", "http://127.0.0.1:4000/api/v3"],
    ["http://127.0.0.1:4000/api/v3/", "http://127.0.0.1:4000/api/v3"],
    ["https://git.example.org/base", "https://git.example.org/base/api/v3"],
  ])("%s is called at %s", (given, called) => expect(restUrl(given)).toBe(called));
});

describe("ids", () => {
  it("escape a colon in the environment and nothing in the name", () => {
    expect(joinId("site", "a:b", "NAME")).toBe("site:a??b:NAME");
    expect(splitId("site:a??b:NAME:x", 3)).toEqual(["site", "a:b", "NAME:x"]);
  });

  it("are split into what they were joined from", () => {
    const part = fc.string({ minLength: 1 }).filter((text) => !text.includes(":") && !text.includes("?"));
    const environment = fc.string({ minLength: 1 }).filter((text) => !text.includes("?"));
    fc.assert(
      fc.property(part, environment, part, (repository, name, secret) => {
        expect(splitId(joinId(repository, name, secret), 3)).toEqual([repository, name, secret]);
      }),
    );
  });

  it("with too few parts are refused", () => expect(() => splitId("site:environment", 3)).toThrow(/expected 3 parts/));
});

describe("rateLimitWait", () => {
  const answer = (status: number, headers: Record<string, string>, body: unknown = {}) => ({ status, headers, body });

  it("is until the reset of the primary limit", () => {
    const wait = rateLimitWait(answer(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "100" }), 40_000);
    expect(wait).toBe(60_000);
  });

  it("is what Retry-After says for a secondary limit", () => {
    const body = { documentation_url: "https://docs.github.com/x#about-secondary-rate-limits" };
    expect(rateLimitWait(answer(429, { "retry-after": "9" }, body), 0)).toBe(9000);
  });

  it("is none for a plain refusal", () => {
    expect(rateLimitWait(answer(403, {}, { message: "Forbidden" }), 0)).toBeUndefined();
    expect(rateLimitWait(answer(500, { "retry-after": "9" }), 0)).toBeUndefined();
  });
});

describe("PacedQueue", () => {
  const pace = { writeDelayMs: 1000, readDelayMs: 10, parallel: false };

  it("runs one call at a time and waits by what the call before was", async () => {
    const seen: string[] = [];
    let running = 0;
    const queue = new PacedQueue(pace, async (ms) => seen.push(`wait ${ms}`));
    const call = (name: string) => async () => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
      seen.push(name);
    };
    await Promise.all([
      queue.run("PUT", call("put")),
      queue.run("GET", call("get")),
      queue.run("DELETE", call("delete")),
    ]);
    expect(seen).toEqual(["put", "wait 1000", "get", "wait 10", "delete"]);
  });

  it("goes on after a call that failed", async () => {
    const queue = new PacedQueue(pace, async () => {});
    const failed = queue.run("GET", () => Promise.reject(new Error("no")));
    const next = queue.run("GET", async () => "yes");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });
});

describe("goTime", () => {
  it("prints a time as Go does, and nothing for no time", () => {
    expect(goTime("2026-11-22T05:38:37Z")).toBe("2026-11-22 05:38:37 +0000 UTC");
    expect(goTime(undefined)).toBe("");
  });
});

describe("checkName", () => {
  it.each(["SMTP_HOST", "_x", "a1"])("allows %s", (name) => expect(checkName(name)).toBeUndefined());
  it.each(["1A", "A-B", "", "GITHUB_TOKEN", "github_x"])("refuses %j", (name) => expect(checkName(name)).toBeDefined());
});
