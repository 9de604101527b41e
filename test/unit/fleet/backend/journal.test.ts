import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal, listRuns, newRunId, readRun } from "../../../../fleet/backend/journal/journal.ts";
import { NO_COUNTS } from "../../../../fleet/engine/outcome.ts";

// What breaks when these fail: after a crash nobody knows what is left, and `up --resume` does too much or too little.

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sitefleet-journal-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(run: string, ended: readonly [string, boolean][], started: readonly string[] = []): void {
  const journal = new Journal(dir, run);
  journal.write({ event: "run-started", run, operation: "up", stacks: ["a", "b", "c", "d"] });
  for (const stack of started) journal.write({ event: "stack-started", stack });
  for (const [stack, ok] of ended) {
    journal.write({ event: "stack-started", stack });
    journal.write({ event: "stack-ended", stack, ok, counts: NO_COUNTS, errors: [] });
  }
  journal.close();
}

describe("a run's journal", () => {
  it("tells what was done, what failed, what was interrupted and that the rest was never started", () => {
    write(
      "r1",
      [
        ["a", true],
        ["b", false],
      ],
      ["c"],
    );
    expect(readRun(dir, "r1")).toMatchObject({
      done: ["a"],
      failed: ["b"],
      interrupted: ["c"],
      complete: false,
      operation: "up",
    });
  });

  it("is readable when the last line was cut off by a crash", () => {
    write("r1", [["a", true]]);
    appendFileSync(join(dir, "r1.jsonl"), '{"event":"stack-ended","stack":"b","ok":tr');
    expect(readRun(dir, "r1")).toMatchObject({ done: ["a"], complete: false });
  });

  it("is complete when every stack ended well", () => {
    write(
      "r1",
      ["a", "b", "c", "d"].map((stack): [string, boolean] => [stack, true]),
    );
    expect(readRun(dir, "r1").complete).toBe(true);
  });

  it("lists runs with the newest first, and says when there is none of a name", () => {
    write(newRunId(new Date("2026-01-01")), []);
    write(newRunId(new Date("2026-02-01")), []);
    expect(listRuns(dir).map(({ run }) => run.slice(0, 8))).toEqual(["20260201", "20260101"]);
    expect(() => readRun(dir, "none")).toThrow("no journal");
  });
});
