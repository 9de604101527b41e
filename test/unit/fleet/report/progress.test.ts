// What breaks when these fail: the dashboard and the metrics tell other figures of a run than its events do.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { RunEntry, RunEvent } from "../../../../fleet/events/types.ts";
import { deploymentsOf, progressOf, reportOf } from "../../../../fleet/report/index.ts";

const counts = { created: 0, changed: 1, replaced: 0, deleted: 0, unchanged: 0 };
const entries = (events: readonly RunEvent[]): RunEntry[] =>
  events.map((event, index) => ({ at: new Date(1e12 + index * 1000).toISOString(), seq: index + 1, ...event }));
const started = (total: number): RunEvent => ({ event: "started", operation: "up", by: "ada", target: "prod", total });
const begins = (stack: string): RunEvent => ({ event: "stack-started", stack });
const ends = (stack: string, ok = true, more: object = {}): RunEvent => ({
  event: "stack-ended",
  stack,
  ok,
  counts,
  errors: [],
  ...more,
});
const over: RunEvent = { event: "ended", ok: true, exitCode: 0, milliseconds: 1 };

it("counts what is worked on, waits, and has ended", () => {
  const told = entries([
    started(4),
    begins("a"),
    begins("b"),
    ends("a"),
    { event: "more", stacks: 1 },
    begins("c"),
    ends("c", false),
  ]);
  expect(progressOf(told)).toEqual({
    ...{ total: 5, active: ["b"], queued: 2, done: 1, failed: 1 },
    ...{ over: false, partial: false },
  });
  expect(progressOf([...told, ...entries([over])])).toMatchObject({ active: [], queued: 0, over: true });
});

it("says when the stream lacks events", () => {
  const [first, ...rest] = entries([started(2), begins("a"), begins("b")]);
  expect(progressOf([first as RunEntry, ...rest.slice(1)]).partial).toBe(true);
});

it("never loses or makes up a stack", () => {
  const step = fc.record({ stack: fc.constantFrom("a", "b", "c"), ok: fc.boolean(), end: fc.boolean() });
  fc.assert(
    fc.property(fc.nat(20), fc.array(step, { maxLength: 40 }), (total, steps) => {
      const told = entries([
        started(total),
        ...steps.map(({ stack, ok, end }) => (end ? ends(stack, ok) : begins(stack))),
      ]);
      const is = progressOf(told);
      expect(is.active.length + is.queued + is.done + is.failed).toBe(is.total);
      expect(is.done + is.failed).toBe(steps.filter(({ end }) => end).length);
    }),
  );
});

it("says what deployments came to, and nothing where there was none", () => {
  const roles = { release: { done: 3, failed: 1 } };
  const one = reportOf("r", [
    {
      stream: "r",
      entries: entries([started(2), ends("a", true, { milliseconds: 8000, roles }), ends("b", false), over]),
    },
  ]);
  expect(deploymentsOf([one], 0)).toMatchObject({
    runs: 1,
    stacks: 2,
    releases: 3,
    failedReleases: 1,
    successPercent: 75,
  });
  expect(deploymentsOf([one], 0)).toMatchObject({ meanStackSeconds: 8, meanReleaseSeconds: 2 });
  const none = deploymentsOf([one], 2e12);
  expect(none).toMatchObject({ runs: 0, stacks: 0 });
  expect(none.successPercent).toBeUndefined();
  expect(none.meanStackSeconds).toBeUndefined();
});
