import { describe, expect, it } from "vitest";
import { createAdmission, type Expectation } from "../../../../fleet/budget/admission.ts";
import { createClock } from "../../../../fleet/budget/clock.ts";
import { BEFORE_LIMIT, deadlineSignal } from "../../../../fleet/budget/deadline.ts";
import { Ledger } from "../../../../fleet/budget/ledger.ts";
import { memoryStore } from "../../../../fleet/budget/store.ts";
import type { JobResult } from "../../../../fleet/engine/job.ts";
import { NO_COUNTS } from "../../../../fleet/engine/outcome.ts";
import { rate } from "./support.ts";

// What breaks: stacks start without budget, in the wrong order, never, or after the job should have ended.

const KEY = "vercel.project-create";
const make = (amount: number, perMs = 1000) =>
  new Ledger({ store: memoryStore(), specs: [rate(KEY, amount, perMs)], clock: createClock() });
const expected = (list: Record<string, Partial<Expectation> & { n: number }>) =>
  new Map(Object.entries(list).map(([stack, { n, ...rest }]) => [stack, { need: { [KEY]: n }, ...rest }]));
const result = (stack: string, created: number): JobResult => ({
  stack,
  ok: true,
  milliseconds: 1,
  steps: Array.from({ length: created }, (_, i) => ({
    op: "create",
    urn: "",
    type: "vercel:index/project:Project",
    name: `${i}`,
    diffs: [],
  })),
  counts: NO_COUNTS,
  errors: [],
  warnings: [],
  finished: true,
});

describe("admission", () => {
  it("lets the largest go first, urgent ones before it, and the rest when there is budget again", async () => {
    const ledger = make(10, 300);
    const order: string[] = [];
    const { admit } = createAdmission({
      ledger,
      expected: expected({ small: { n: 2 }, large: { n: 9 }, middle: { n: 5 }, urgent: { n: 1, urgent: true } }),
    });
    await Promise.all(
      ["small", "large", "middle", "urgent"].map(async (stack) => {
        const release = await admit(stack);
        order.push(stack);
        await release(result(stack, 1));
      }),
    );
    expect(order.slice(0, 2)).toEqual(["urgent", "large"]);
    expect(order).toHaveLength(4);
    await ledger.close();
  });

  it("gives back what a stack did not use", async () => {
    const ledger = make(10, 3_600_000);
    const { admit } = createAdmission({ ledger, expected: expected({ a: { n: 10 }, b: { n: 9 } }) });
    const release = await admit("a");
    await release(result("a", 1));
    await (await admit("b"))(result("b", 9));
    expect((await ledger.standings())[0]).toMatchObject({ used: 10, held: 0 });
    await ledger.close();
  });

  it("counts all that was promised when a stack failed without a word", async () => {
    const ledger = make(10, 3_600_000);
    const { admit } = createAdmission({ ledger, expected: expected({ a: { n: 7 } }) });
    await (await admit("a"))({ ...result("a", 0), ok: false });
    expect((await ledger.standings())[0]).toMatchObject({ used: 7 });
    await ledger.close();
  });

  it("starts what needs nothing at once", async () => {
    const ledger = make(1);
    const { admit } = createAdmission({ ledger, expected: expected({ none: { n: 0 } }) });
    await admit("none");
    await admit("unknown");
    await ledger.close();
  });

  it("stops waiting with the run, and says which limit was waited for", async () => {
    const ledger = make(10, 3_600_000);
    const abort = new AbortController();
    const waited: string[] = [];
    const { admit } = createAdmission({
      ledger,
      expected: expected({ a: { n: 10 }, b: { n: 1 } }),
      signal: abort.signal,
      waiting: (stack, key) => {
        waited.push(`${stack} ${key}`);
        abort.abort(new Error("stopped"));
      },
    });
    await admit("a");
    await expect(admit("b")).rejects.toThrow("stopped");
    expect(waited).toEqual([`b ${KEY}`]);
    expect((await ledger.state()).wants).toEqual({});
    await ledger.close();
  });

  it("refuses what would not end before the job's limit", async () => {
    const ledger = make(10, 3_600_000);
    const deadline = deadlineSignal(100, 10);
    const { admit } = createAdmission({
      ledger,
      expected: expected({ short: { n: 1, seconds: 60 }, long: { n: 1, seconds: 95 } }),
      deadline,
    });
    await admit("short");
    await expect(admit("long")).rejects.toMatchObject({ code: "budget.deadline", message: BEFORE_LIMIT });
    deadline.close();
    await ledger.close();
  });

  it("ends waiting when the deadline comes", async () => {
    const ledger = make(10, 3_600_000);
    const deadline = deadlineSignal(0.2, 0.05);
    const { admit } = createAdmission({ ledger, expected: expected({ a: { n: 10 }, b: { n: 1 } }), deadline });
    await admit("a");
    await expect(admit("b")).rejects.toMatchObject({ code: "budget.deadline" });
    expect(deadline.refuse()).toBe(BEFORE_LIMIT);
    await ledger.close();
  });
});
