import { expect, it } from "vitest";
import { renderSummary, sameFailures } from "../../../cli/output/summary.ts";
import { NO_COUNTS } from "../../../fleet/engine/outcome.ts";
import type { RunResult } from "../../../fleet/run/run.ts";
import { summarise } from "../../../fleet/run/summary.ts";

// One cause is told once. What breaks when this fails: 67 stacks say the same on a page each, and what is different among
// them is not seen.

const names = Array.from({ length: 64 }, (_, index) => `prod-cell-${String(index).padStart(2, "0")}`);
const failed = (stack: string, error: string) => ({
  stack,
  ok: false,
  steps: [],
  counts: NO_COUNTS,
  warnings: [],
  errors: [error],
  finished: false,
  milliseconds: 1,
});
const run: RunResult = {
  results: [
    ...names.map((stack) => failed(stack, `${stack}: no token\nfor stack ${stack}`)),
    failed("prod", "another"),
  ],
  skipped: [
    { stack: "a", reason: "a: its state is gone\n  cp -p x y" },
    { stack: "b", reason: "later" },
    { stack: "c", reason: "later" },
  ],
  milliseconds: 1,
};

it("tells equal failures once, with the number and the first names", () => {
  const text = renderSummary(summarise(run), true);
  expect(text.match(/no token/g)).toHaveLength(1);
  expect(text).toContain(`${names.slice(0, 8).join(", ")} … (64) failed, all of them:`);
  expect(text).toContain("prod failed:\n  another");
  expect(text).toContain("not started: a\n  a: its state is gone\n    cp -p x y");
  expect(text).toContain("not started (later): b, c");
});

it("keeps all of them for programs, and never takes one name for the beginning of another", () => {
  expect(summarise(run).failed).toHaveLength(65);
  const [one, other] = [
    { stack: "prod", errors: ["prod is locked"] },
    { stack: "prod-plesk", errors: ["prod-plesk is locked"] },
  ];
  expect(sameFailures([one, other])).toHaveLength(1);
  expect(sameFailures([one, { stack: "prod-plesk", errors: ["prod is locked"] }])).toHaveLength(2);
});
