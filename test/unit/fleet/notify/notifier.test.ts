// What breaks when these fail: a receiver that is down slows a deployment, messages are lost or sent forty times, or a limit that a
// receiver has asked for is not kept.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryStore } from "../../../../fleet/backend/store/directory-store.ts";
import type { Store } from "../../../../fleet/backend/store/store.ts";
import { GRACE_MS, type Grace, graceOf } from "../../../../fleet/notify/grace.ts";
import { readKept } from "../../../../fleet/notify/kept.ts";
import { Notifier } from "../../../../fleet/notify/notifier.ts";
import { quietUntil } from "../../../../fleet/notify/quiet.ts";
import { config, hangs, message, settle, TestClock, TestReceiver } from "./world.ts";

let dir: string;
let store: Store;
let clock: TestClock;
let receiver: TestReceiver;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-notify-"));
  store = directoryStore(dir);
  clock = new TestClock();
  receiver = new TestReceiver();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const open = (given = config(), env: Record<string, string> = { HOOK: "http://x" }) =>
  new Notifier({ receivers: [given], env, store, clock, make: async () => receiver });
const topics = () => receiver.told.map(({ topic }) => topic);

/** Closes, with the clock running on; and how long that took on it. */
async function closed(notifier: Notifier, grace?: Grace) {
  await settleStore();
  const from = clock.now();
  let at: number | undefined;
  const report = notifier.close(grace).then((value) => {
    at = clock.now();
    return value;
  });
  for (let step = 0; step < 400 && at === undefined; step++) {
    await settleStore();
    if (at === undefined) await clock.pass(100);
  }
  return { report: await report, ms: (at ?? 0) - from };
}
/** The store works on a real disk. */
async function settleStore() {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 3));
    await settle();
  }
}

describe("a receiver that takes messages", () => {
  it("is told at once; one message a run is updated, and the newest replaces what still waits", async () => {
    const notifier = open();
    notifier.post(message("started", clock.now()));
    await settleStore();
    let go = () => {};
    receiver.answer = () => new Promise((resolve) => (go = () => resolve({ result: "delivered" })));
    for (const [index, topic] of (["wave", "wave", "went-back", "done"] as const).entries())
      notifier.post(message(topic, clock.now() + index + 1));
    await settleStore();
    go();
    await settleStore();
    go();
    const { report, ms } = await closed(notifier);
    expect(topics()).toEqual(["started", "wave", "done"]);
    expect(receiver.handles).toEqual([undefined, "h1", "h1"]);
    expect(ms).toBe(0);
    expect(report.left).toEqual([]);
    expect((await readKept(store)).handles).toEqual([{ receiver: "team", thread: "run-1", handle: "h1" }]);
  });

  it("is not told the same twice", async () => {
    const notifier = open();
    notifier.post(message("paused", clock.now()));
    await settleStore();
    notifier.post(message("paused", clock.now() + 5));
    await closed(notifier);
    expect(topics()).toEqual(["paused"]);
  });

  it("that cannot edit is told what matters alone", async () => {
    receiver = new TestReceiver("separate");
    const notifier = open();
    for (const topic of ["started", "wave", "wave", "done"] as const) notifier.post(message(topic, clock.now()));
    await closed(notifier);
    expect(topics()).toEqual(["done"]);
  });

  it("is told of the topics that it is declared for", async () => {
    const notifier = open(config({ events: ["failed"] }));
    for (const topic of ["started", "failed"] as const) notifier.post(message(topic, clock.now()));
    await closed(notifier);
    expect(topics()).toEqual(["failed"]);
  });
});

describe("a receiver that does not", () => {
  it("hangs: the run's end waits for a fixed time at most, and not at all when it was seen before", async () => {
    receiver.answer = hangs;
    const early = open();
    early.post(message("done", clock.now()));
    expect((await closed(early)).ms).toBeLessThanOrEqual(GRACE_MS);
    const notifier = open();
    notifier.post(message("started", clock.now()));
    await settleStore();
    // A run of a minute.
    await clock.pass(60_000);
    notifier.post(message("done", clock.now()));
    const { ms, report } = await closed(notifier);
    expect(ms).toBe(0);
    expect(report.left).toMatchObject([{ receiver: "team", reason: "no answer in 5 s", message: { topic: "done" } }]);
  });

  it("says 429 with a long Retry-After: nothing is sent before it is over, and the next command delivers", async () => {
    receiver.answer = () => ({ result: "again", reason: "status 429", afterMs: 3_600_000 });
    const notifier = open();
    notifier.post(message("started", clock.now()));
    await settleStore();
    await clock.pass(600_000);
    notifier.post(message("failed", clock.now()));
    const { ms } = await closed(notifier);
    expect(ms).toBe(0);
    expect(receiver.told).toHaveLength(1);
    receiver.answer = () => ({ result: "delivered" });
    const next = open();
    await closed(next);
    expect(topics()).toEqual(["started", "failed"]);
    expect((await readKept(store)).waiting).toEqual([]);
  });

  it("says 500 once: it is tried again beside the run", async () => {
    let tries = 0;
    receiver.answer = () => (tries++ === 0 ? { result: "again", reason: "status 500" } : { result: "delivered" });
    const notifier = open();
    notifier.post(message("started", clock.now()));
    await settleStore();
    await clock.pass(1500);
    const { report } = await closed(notifier);
    expect(report).toMatchObject({ delivered: { team: 1 }, left: [] });
  });

  it("refuses for good: it is listed, and not tried again", async () => {
    receiver.answer = () => ({ result: "refused", reason: "status 404: no_service" });
    const notifier = open();
    notifier.post(message("done", clock.now()));
    const { report } = await closed(notifier);
    expect(report.refused).toMatchObject([{ receiver: "team", reason: "status 404: no_service" }]);
    expect((await readKept(store)).waiting).toEqual([]);
    expect((await readKept(store)).refused).toHaveLength(1);
  });

  it("throws, or its variable is not set: the rest goes on", async () => {
    receiver.answer = () => Promise.reject(new Error("boom"));
    const notifier = open();
    notifier.post(message("done", clock.now()));
    expect((await closed(notifier)).report.left).toHaveLength(1);
    const { report } = await closed(open(config(), {}));
    expect(report.refused).toMatchObject([{ receiver: "team", reason: "HOOK is not set" }]);
  });
});

it.each([
  [5_000, { alive: 1000, unknown: 300, failing: 0 }],
  [30_000, { alive: 1500, unknown: 1500, failing: 0 }],
  [3_600_000, { alive: 2000, unknown: 2000, failing: 0 }],
])(
  "a run of %i ms waits for receivers a twentieth of it, and more for one that took the last message alone",
  (run, grace) => {
    expect(graceOf(run)).toEqual(grace);
  },
);

it("one that hangs costs a short run little once, and nothing from then on; one that takes messages again is waited for", async () => {
  const run = async () => {
    const notifier = open();
    notifier.post(message("done", clock.now(), { thread: `run-${clock.now()}` }));
    const { ms } = await closed(notifier, graceOf(4000));
    await clock.pass(60_000);
    return ms;
  };
  receiver.answer = () => ({ result: "delivered" });
  await run();
  receiver.answer = hangs;
  expect(await run()).toBe(1000);
  expect(await run()).toBe(0);
  expect((await readKept(store)).waiting).toHaveLength(2);
  receiver.answer = () => ({ result: "delivered" });
  // It is told all the same, beside the next run.
  const next = open();
  next.post(message("started", clock.now(), { thread: "next" }));
  await settleStore();
  await closed(next, graceOf(4000));
  expect((await readKept(store)).waiting).toEqual([]);
  expect(await readKept(store)).toMatchObject({ alive: ["team"], failing: [] });
});

it("a process that is killed loses nothing: what was not taken is kept, claimed as long as it lives, and then told", async () => {
  receiver.answer = hangs;
  const killed = open();
  killed.post(message("failed", clock.now()));
  await settleStore();
  await clock.pass(400);
  await settleStore();
  expect((await readKept(store)).waiting).toMatchObject([{ message: { topic: "failed" } }]);
  receiver.answer = () => ({ result: "delivered" });
  const meanwhile = open();
  await closed(meanwhile);
  expect(topics()).toEqual(["failed"]);
  // Its process is gone, and no other one of its machine has its number and start.
  const KEY = "notify/outbox.json";
  const text = (await store.get(KEY))?.text ?? "";
  await store.put(KEY, text.replace(/"pid":\d+/, `"pid":${2 ** 30}`));
  await closed(open());
  expect(topics()).toEqual(["failed", "failed"]);
  expect((await readKept(store)).waiting).toEqual([]);
});

it("two commands at once do not tell the same twice", async () => {
  receiver.answer = () => ({ result: "again", reason: "status 500" });
  const first = open();
  first.post(message("done", clock.now()));
  await closed(first);
  receiver.answer = () => ({ result: "delivered" });
  const [one, other] = [open(), open()];
  await Promise.all([closed(one), closed(other)]);
  expect(receiver.told).toHaveLength(2);
});

it("whatever a receiver does, the end of a run waits no longer than it may, and nothing that was not told is lost", async () => {
  const answers = fc.constantFrom("delivered", "again", "hang", "throw");
  await fc.assert(
    fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 6 }), async (all) => {
      const rest = [...all];
      receiver = new TestReceiver("every");
      let taken = 0;
      receiver.answer = (one, signal) => {
        const next = rest.shift() ?? "hang";
        if (next === "throw") throw new Error("x");
        if (next === "hang") return hangs(one, signal);
        if (next === "delivered") taken++;
        return next === "again" ? { result: "again", reason: "r" } : { result: "delivered" };
      };
      store = directoryStore(mkdtempSync(join(dir, "s-")));
      const notifier = open();
      for (let index = 0; index < 4; index++) notifier.post(message("wave", clock.now() + index));
      const { ms, report } = await closed(notifier);
      expect(ms).toBeLessThanOrEqual(GRACE_MS);
      expect(report.left.length + taken).toBe(4);
    }),
    { numRuns: 12 },
  );
}, 20_000);

describe("quiet hours", () => {
  const quiet = { from: "22:00", to: "07:00", zone: "Europe/Vienna" };

  it("hold back all but escalations until they are over", async () => {
    clock = new TestClock(Date.UTC(2026, 10, 29, 23));
    const given = config({ quiet });
    const notifier = open(given);
    notifier.post(message("done", clock.now()));
    notifier.post(message("escalated", clock.now(), { thread: "run-2" }));
    await closed(notifier);
    expect(topics()).toEqual(["escalated"]);
    await closed(open(given));
    expect(topics()).toEqual(["escalated"]);
    await clock.pass(8 * 3_600_000);
    await closed(open(given));
    expect(topics()).toEqual(["escalated", "done"]);
  });

  it.each([
    ["winter, before midnight", "2026-11-29T22:30Z", "2026-11-30T06:00:00.000Z"],
    ["winter, after midnight", "2026-11-30T03:00Z", "2026-11-30T06:00:00.000Z"],
    ["the night that loses an hour", "2026-03-28T22:00Z", "2026-03-29T05:00:00.000Z"],
    ["the night that gains one", "2026-10-24T21:00Z", "2026-10-25T06:00:00.000Z"],
    ["year end", "2026-12-31T23:30Z", "2027-01-01T06:00:00.000Z"],
    ["day", "2026-11-29T12:00Z", undefined],
    ["the minute of their end", "2026-11-29T06:00Z", undefined],
  ])("%s", (_name, now, until) => {
    const at = quietUntil(quiet, Date.parse(now));
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(until);
  });
});
