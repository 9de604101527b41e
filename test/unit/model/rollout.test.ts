import { expect, test } from "vitest";
import { check } from "./fixture.ts";

// Breaks when a release goes out in other waves than rollout.yaml says, or a mistake in it is taken for a default.

const rolloutOf = (text: string | null) => check({ "rollout.yaml": text }).catalog?.rollout;

test("without the file a release goes out in four waves, judged by the ordered limits", () => {
  const rules = rolloutOf(null);
  expect(rules?.waves.map(({ share }) => share)).toEqual(["canary", 5, 25, 100]);
  expect(rules?.limits).toMatchObject({ failurePercent: 5, slowdownPercent: 30 });
  expect(rules?.rollback).toBe(true);
});

test("what is given replaces what is left out", () => {
  const rules = rolloutOf(
    "waves: [{ name: all, share: 100, soakSeconds: 0, limits: { failurePercent: 1 } }]\nrollback: false\n",
  );
  expect(rules?.waves).toEqual([
    { name: "all", share: 100, soakSeconds: 0, pauseSeconds: 0, limits: { failurePercent: 1 } },
  ]);
  expect(rules?.limits.slowdownPercent).toBe(30);
  expect(rules?.rollback).toBe(false);
});

test.each([
  ["waves:\n  - { name: a, share: 50 }\n  - { name: b, share: 50 }\n", "rollout.yaml:3: waves[1].share: "],
  ["waves:\n  - { name: a, share: 5 }\n  - { name: a, share: 100 }\n", "rollout.yaml:3: waves[1].name: "],
  ["waves:\n  - { name: a, share: 5 }\n  - { name: b, share: canary }\n", "rollout.yaml:3: waves[1].share: "],
  ["limits: { failurePercent: 101 }\n", "rollout.yaml:1: limits.failurePercent: 101 is too large"],
  ["services: { before: all }\n", "rollout.yaml:1: services.before: is not known here"],
  ["limitz: {}\n", "rollout.yaml:1: limitz: is not known here"],
  ["waves: [{ name: a, share: 100, soakSeconds: -1 }]\n", "rollout.yaml:1: waves[0].soakSeconds: -1 is too small"],
])("%j says where", (text, part) => {
  expect(check({ "rollout.yaml": text }).lines.join("\n")).toContain(part);
});
