import { expect, it } from "vitest";
import type { RunRecord } from "../../../../fleet/backend/journal/journal.ts";
import { leftRuns, rolloutLeft } from "../../../../operations/ci/left.ts";
import { atOnce, chooseWay, type WayFacts } from "../../../../operations/ci/way.ts";

// What breaks when these fail: a timer brings what no run has begun, takes what a person has stopped for a machine that is gone, or
// what may need an approval is spread over runs that each would need one.

const NOW = Date.parse("2026-11-29T12:00:00Z");
const record = (run: string, more: Partial<RunRecord> = {}): RunRecord => ({
  run,
  operation: "up",
  startedAt: "2026-11-29T10:00:00Z",
  host: "runner-1",
  stacks: ["prod-cell-07", "prod-cell-08"],
  done: ["prod-cell-07"],
  interrupted: [],
  failed: [],
  complete: false,
  ...more,
});
const left = (runs: readonly RunRecord[], more: object = {}) =>
  leftRuns(runs, { living: new Set(), stopped: false, now: NOW, ...more });

it("runs that wait for a budget or whose process is gone are gone on with, with what they left", () => {
  expect(left([record("r1", { ended: "ended" })])).toEqual([
    { run: "r1", left: ["prod-cell-08"], reason: "a vendor's limit or another run kept it from the rest" },
  ]);
  expect(left([record("r1", { interrupted: ["prod-cell-08"] })])[0]?.reason).toBe(
    "its process on runner-1 is gone, in the middle of a stack",
  );
});

it("not those that work, were stopped, failed, are old, are no updates, or whose stacks a later run was about", () => {
  expect(left([record("r1")], { living: new Set(["r1"]) })).toEqual([]);
  expect(left([record("r1", { ended: "stopped" })])).toEqual([]);
  expect(left([record("r1", { ended: "stopped" })], { stopped: true })).toHaveLength(1);
  expect(left([record("r1", { ended: "ended", failed: ["prod-cell-08"] })])).toEqual([]);
  expect(left([record("r1", { startedAt: "2026-11-20T00:00:00Z" })])).toEqual([]);
  expect(left([record("r1", { operation: "rollout" })])).toEqual([]);
  const later = record("r2", { stacks: ["prod-cell-08"], done: [], ended: "ended", failed: ["prod-cell-08"] });
  expect(left([later, record("r1")])).toEqual([]);
});

it("an open judgement or way back is gone on with, although every stack is done", () => {
  const watched = { before: { "prod-cell-07": 3 }, known: [], sites: 4, carried: {} };
  const done = { stacks: ["prod-cell-07"], complete: true, watched };
  expect(left([record("r1", done)])).toEqual([{ run: "r1", left: [], reason: "it was not judged to its end" }]);
});

const entry = (more: object) =>
  ({ at: "", rollout: "r", event: "paused", by: "sitefleet", reason: "budget", ...more }) as never;
const wave = (step: string) => [{ step }] as never;
const free = { held: false, stopped: false };

it("a rollout is gone on with where no person is waited for", () => {
  expect(rolloutLeft({ status: "running", waves: wave("soaking") }, [], free)).toBe("its process is gone");
  expect(rolloutLeft({ status: "running", waves: wave("soaking") }, [], { ...free, held: true })).toBeUndefined();
  expect(rolloutLeft({ status: "paused", waves: wave("applying") }, [entry({})], free)).toBe("budget");
  expect(rolloutLeft({ status: "paused", waves: wave("doubtful") }, [entry({})], free)).toBeUndefined();
  expect(
    rolloutLeft({ status: "paused", waves: wave("applying") }, [entry({ by: "maria", reason: "by hand" })], free),
  ).toBeUndefined();
  expect(
    rolloutLeft({ status: "paused", waves: wave("applying") }, [entry({ code: "rollout.catalog" })], free),
  ).toBeUndefined();
  expect(rolloutLeft({ status: "paused", waves: wave("applying") }, [entry({ code: "lock.held" })], free)).toBe(
    "budget",
  );
  const stopped = [entry({ by: "maria", reason: "stopped" })];
  expect(rolloutLeft({ status: "paused", waves: wave("applying") }, stopped, free)).toBeUndefined();
  expect(rolloutLeft({ status: "paused", waves: wave("applying") }, stopped, { ...free, stopped: true })).toBe(
    "it was stopped",
  );
  expect(rolloutLeft({ status: "done", waves: wave("passed") }, [], free)).toBeUndefined();
});

const way = (more: Partial<WayFacts> = {}) =>
  chooseWay({ stacks: 64, kind: "batch", reason: "many", live: true, asks: false, asked: "auto", ...more }).way;

it("which way it goes", () => {
  expect(way({ stacks: 0 })).toBe("none");
  expect(way({ kind: "direct" })).toBe("direct");
  expect(way({ kind: "urgent" })).toBe("direct");
  expect(way()).toBe("waves");
  expect(way({ live: false })).toBe("cells");
  expect(way({ asked: "cells" })).toBe("cells");
});

it("what may need an approval is one run, also when a person asks for more", () => {
  expect(way({ live: false, asks: true })).toBe("direct");
  expect(way({ asked: "cells", live: false, asks: true })).toBe("direct");
  expect(way({ asked: "cells", asks: true })).toBe("waves");
});

it("50 jobs at once, fewer where there are fewer, one where machines share nothing", () => {
  expect([atOnce(Array(64), true), atOnce(Array(7), true), atOnce([], true), atOnce(Array(64), false)]).toEqual([
    50, 7, 1, 1,
  ]);
});
