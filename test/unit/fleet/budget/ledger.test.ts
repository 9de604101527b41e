import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ledger } from "../../../../fleet/budget/ledger.ts";
import { fileStore, memoryStore } from "../../../../fleet/budget/store.ts";
import { fakeClock, rate } from "./support.ts";

// What breaks: two processes that each keep to the limit exceed it together; budget that was promised is lost for good.

const HOUR = 3_600_000;
const specs = [rate("vercel.a", 10, HOUR), rate("vercel.b", 4, HOUR), rate("vercel.q", 6, null)];
const make = (clock = fakeClock(), store = memoryStore(), metered: string[] = []) => ({
  clock,
  ledger: new Ledger({ store, specs, clock, metered: new Set(metered) }),
});

describe("promises", () => {
  it("are given until the amount is reached, and again when a stack gave its own back", async () => {
    const { ledger, clock } = make();
    expect((await ledger.hold("one", { "vercel.a": 6 }, 0)).ok).toBe(true);
    expect(await ledger.hold("two", { "vercel.a": 6 }, 1)).toMatchObject({ ok: false, key: "vercel.a" });
    await ledger.release("one", { "vercel.a": 2 });
    expect((await ledger.hold("two", { "vercel.a": 6 }, 1)).ok).toBe(true);
    // Two are used, six are promised: two are left in this hour.
    expect((await ledger.hold("three", { "vercel.a": 3 }, 2)).ok).toBe(false);
    await ledger.release("two", {});
    clock.advance(2 * HOUR);
    expect((await ledger.hold("three", { "vercel.a": 10 }, 2)).ok).toBe(true);
  });

  it("are all or nothing over several limits", async () => {
    const { ledger } = make();
    expect((await ledger.hold("one", { "vercel.a": 1, "vercel.b": 4 }, 0)).ok).toBe(true);
    expect(await ledger.hold("two", { "vercel.a": 1, "vercel.b": 1 }, 1)).toMatchObject({ key: "vercel.b" });
    const [standing] = (await ledger.state().then(({ holds }) => Object.keys(holds))) ?? [];
    expect(standing).toContain("one");
  });

  it("larger than a whole limit are given when it is unused", async () => {
    const { ledger } = make();
    expect((await ledger.hold("huge", { "vercel.a": 50 }, 0)).ok).toBe(true);
    expect((await ledger.hold("other", { "vercel.a": 1 }, 1)).ok).toBe(false);
  });

  it("end with a process that is gone", async () => {
    const store = memoryStore();
    const { ledger, clock } = make(fakeClock(), store);
    await ledger.hold("one", { "vercel.q": 6 }, 0);
    const other = new Ledger({ store, specs, clock });
    expect((await other.hold("two", { "vercel.q": 1 }, 1)).ok).toBe(false);
    clock.advance(100_000);
    expect((await other.hold("two", { "vercel.q": 1 }, 1)).ok).toBe(true);
  });

  it("are not given to others for ever while a large stack waits", async () => {
    const { ledger, clock } = make();
    await ledger.hold("small", { "vercel.a": 1 }, 0);
    expect((await ledger.hold("large", { "vercel.a": 10 }, 1)).ok).toBe(false);
    expect((await ledger.hold("later", { "vercel.a": 1 }, 2)).ok).toBe(true);
    await ledger.release("later", {});
    // As processes do that are alive: they ask again, which renews their claim.
    for (let i = 0; i < 30; i += 1) {
      clock.advance(80_000);
      await ledger.hold("small", { "vercel.a": 1 }, 0);
      expect((await ledger.hold("large", { "vercel.a": 10 }, 1)).ok).toBe(false);
    }
    expect((await ledger.hold("latest", { "vercel.a": 1 }, 3)).ok).toBe(false);
    await ledger.release("small", {});
    expect((await ledger.hold("large", { "vercel.a": 10 }, 1)).ok).toBe(true);
  });
});

describe("calls", () => {
  const call = (ledger: Ledger, clock: { now(): number }) => ledger.call(["vercel.a"], clock.now());

  it("use up the promises of their own process, not others'", async () => {
    const store = memoryStore();
    const { ledger, clock } = make(fakeClock(), store, ["vercel"]);
    const other = new Ledger({ store, specs, clock, metered: new Set(["vercel"]) });
    await ledger.hold("one", { "vercel.a": 10 }, 0);
    expect(await call(other, clock)).toHaveProperty("at");
    const ticket = await call(ledger, clock);
    expect(ticket).toHaveProperty("id");
    if ("id" in ticket) await ledger.answered(ticket, { limited: false });
    // One call was made: nine of the promise are left, nothing is free.
    expect(await ledger.standings()).toMatchObject([{ key: "vercel.a", used: 1, held: 9 }]);
    await ledger.release("one", { "vercel.a": 1 });
    expect(await ledger.standings()).toMatchObject([{ used: 1, held: 0 }]);
  });

  it("never exceed an amount in any window, with promises given and taken back in between", async () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant("call" as const), ms: fc.integer({ min: 0, max: HOUR / 4 }) }),
      fc.record({ kind: fc.constant("hold" as const), n: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant("release" as const), n: fc.integer({ min: 0, max: 12 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const { ledger, clock } = make(fakeClock(), memoryStore(), ["vercel"]);
        const made: number[] = [];
        const open: string[] = [];
        for (const [index, operation] of operations.entries()) {
          if (operation.kind === "hold") {
            if ((await ledger.hold(`s${index}`, { "vercel.a": operation.n }, index)).ok) open.push(`s${index}`);
          } else if (operation.kind === "release") {
            const stack = open.pop();
            if (stack) await ledger.release(stack, { "vercel.a": operation.n });
          } else {
            const ticket = await call(ledger, clock);
            // The vendor counts it at some moment between question and answer.
            if ("id" in ticket) made.push(clock.now());
            clock.advance(operation.ms);
            if ("id" in ticket) await ledger.answered(ticket, { limited: false });
          }
        }
        for (const end of made)
          expect(made.filter((at) => at > end - HOUR && at <= end).length).toBeLessThanOrEqual(10);
        for (const stack of open) await ledger.release(stack, {});
        clock.advance(2 * HOUR);
        // Nothing is lost: the whole amount is there again.
        expect((await ledger.hold("all", { "vercel.a": 10, "vercel.b": 4, "vercel.q": 6 }, 0)).ok).toBe(true);
        await ledger.close();
      }),
      { numRuns: 60 },
    );
  });

  it("of several processes share one file", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sitefleet-ledger-"));
    try {
      const clock = fakeClock();
      const ledgers = [1, 2, 3].map(() => make(clock, fileStore(join(dir, "deep", "ledger.db"))).ledger);
      const asked = Array.from({ length: 30 }, (_, i) => call(ledgers[i % 3] as Ledger, clock));
      const granted = (await Promise.all(asked)).filter((answer) => "id" in answer);
      expect(granted).toHaveLength(10);
      for (const ledger of ledgers) await ledger.close();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it("in the order in which they came", async () => {
    const { ledger, clock } = make();
    const order: number[] = [];
    const until = clock.now() + 10 * HOUR;
    const one = async (n: number) => {
      const ticket = await ledger.call(["vercel.b"], until);
      order.push(n);
      if ("id" in ticket) await ledger.answered(ticket, { limited: false });
    };
    await Promise.all([1, 2, 3, 4, 5, 6, 7].map(one));
    expect(order).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("stop waiting when nobody waits for them any more", async () => {
    const { ledger, clock } = make();
    await ledger.hold("all", { "vercel.q": 6 }, 0);
    const abort = new AbortController();
    const waiting = ledger.call(["vercel.q"], clock.now() + 100 * HOUR, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toThrow();
  });
});

describe("the ledger's file", () => {
  it("that is none is refused with its path", () => {
    expect(() => fileStore("/dev/null/ledger.db")).toThrow(expect.objectContaining({ code: "budget.ledger" }));
  });
});
