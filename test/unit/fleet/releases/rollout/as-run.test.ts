import { expect, it } from "vitest";
import type { RunRecord } from "../../../../../fleet/backend/journal/journal.ts";
import { asRun, type RolloutRecord } from "../../../../../fleet/releases/rollout/index.ts";

// What breaks when this fails: `rollback --run` with a rollout's id goes back half of it, or knows no such run.

const run = (id: string, startedAt: string, more: Partial<RunRecord> = {}): RunRecord => ({
  run: id,
  operation: "rollout",
  startedAt,
  host: "here",
  stacks: ["a"],
  done: ["a"],
  interrupted: [],
  failed: [],
  complete: true,
  ...more,
});
const rollout = (...waves: string[][]) =>
  ({ id: "rollout", waves: waves.map((runs) => ({ runs })) }) as unknown as RolloutRecord;

it("is every run of its waves, from the first one's beginning", () => {
  const runs = [
    run("2", "2026-11-28T02:00:00Z", { stacks: ["b", "c"], done: ["b"], failed: ["c"], complete: false }),
    run("other", "2026-11-27T00:00:00Z", { stacks: ["z"], done: ["z"] }),
    run("1", "2026-11-28T01:00:00Z"),
  ];
  expect(asRun(rollout(["1"], ["2"], []), runs)).toMatchObject({
    run: "rollout",
    startedAt: "2026-11-28T01:00:00Z",
    stacks: ["b", "c", "a"],
    done: ["b", "a"],
    failed: ["c"],
    complete: false,
  });
  expect(asRun(rollout([], []), runs)).toBeUndefined();
});
