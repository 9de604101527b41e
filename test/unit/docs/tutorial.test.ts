import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { showsTheSame, tutorialSteps } from "../../support/tutorial.ts";

// What breaks when these fail: test/engine/tutorial.test.ts passes over what a page says.

it("times and what … stands for may differ, nothing else", () => {
  const shown = "…\npass     shop  72         answers 200\n1 stack: 1 changed (2.7 s)\n…\nx of …\n";
  expect(showsTheSame(shown, "a\nb\npass  shop  1072    answers 200\n1 stack: 1 changed (12.0 s)\nx of y z\n")).toBe(
    true,
  );
  expect(showsTheSame(shown, "pass shop  72  answers 500\n1 stack: 1 changed (2.7 s)\nx of y\n")).toBe(false);
  expect(showsTheSame(shown, "pass shop  72  answers 200\n1 stack: 2 changed (2.7 s)\nx of y\n")).toBe(false);
  expect(showsTheSame("one\n", "one\ntwo\n")).toBe(false);
});

it("the tutorial's blocks are files, commands, and what those show", () => {
  const steps = tutorialSteps(readFileSync("docs/tutorial.md", "utf8"));
  expect(steps[0]).toMatchObject({ kind: "commands", shows: expect.stringContaining("7 problems") });
  expect(steps.filter(({ kind }) => kind === "file").length).toBeGreaterThan(5);
  expect(() => tutorialSteps("```text\nalone\n```\n")).toThrow(RangeError);
});
