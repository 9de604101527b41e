import { expect, test } from "vitest";
import type { HealthResult, Verdict } from "../../../../../checks/types.ts";
import { judgeWave, knownFailures } from "../../../../../fleet/releases/step/judge.ts";

// Breaks when a wave passes that must not, or fails for what was wrong before it or for noise.

const limits = { failurePercent: 5, slowdownPercent: 30, slowdownFloorMs: 100 };
const result = (
  index: number,
  verdict: Verdict,
  about: "status" | "name" = "status",
  times?: [number, number],
): HealthResult => ({
  id: `s${index}.de`,
  kind: "site",
  host: `s${index}.de`,
  url: "",
  verdict,
  reason: "answers 500, not 200",
  vantages: [
    {
      vantage: "here",
      verdict,
      findings: verdict === "pass" ? [] : [{ about, verdict, text: "" }],
      tries: 1,
      evidence: [],
      ...(times ? { baselineMs: times[0], milliseconds: times[1] } : {}),
    },
  ],
});
const some = (fail: number, doubt: number, pass: number) =>
  [...Array(fail).fill("fail"), ...Array(doubt).fill("inconclusive"), ...Array(pass).fill("pass")].map(
    (verdict: Verdict, index) => result(index, verdict),
  );

test.each([
  [5, 0, 95, "pass"],
  [6, 0, 94, "fail"],
  [0, 5, 95, "pass"],
  [0, 6, 94, "inconclusive"],
  [3, 3, 94, "inconclusive"],
  [1, 0, 2, "fail"],
  [0, 3, 0, "inconclusive"],
  [0, 0, 0, "pass"],
] as const)("%i failing, %i in doubt, %i passing: %s", (fail, doubt, pass, verdict) => {
  expect(judgeWave(some(fail, doubt, pass), [], limits).verdict).toBe(verdict);
});

test("what failed before in the same way, and what no release is to blame for, does not count", () => {
  const before = knownFailures([result(0, "fail")]);
  expect(judgeWave([result(0, "fail")], before, limits).verdict).toBe("pass");
  expect(judgeWave([result(0, "fail", "name")], [], limits).verdict).toBe("pass");
  expect(judgeWave([result(1, "fail")], before, limits)).toMatchObject({
    verdict: "fail",
    figures: { examples: ["s1.de"] },
  });
});

test.each([
  [[200, 400], "fail"],
  [[200, 250], "pass"],
  [[10, 50], "pass"],
] as [[number, number], Verdict][])("slower by both limits fails: %j %s", (times, verdict) => {
  const results = [0, 1, 2].map((index) => result(index, "pass", "status", times));
  expect(judgeWave(results, [], limits).verdict).toBe(verdict);
});

test("no site counts as passing that fails as it did before, and the sentence says so", () => {
  const before = knownFailures([result(0, "fail"), result(1, "fail")]);
  const text = (results: readonly HealthResult[]) => judgeWave(results, before, limits);
  expect(text([result(0, "fail")])).toMatchObject({
    verdict: "pass",
    reason: "nothing is worse than before: 0 of 1 sites pass; 1 fails as before",
    figures: { sites: 1, failed: 0, failedBefore: 1 },
  });
  expect(text([result(0, "fail"), result(1, "fail"), result(2, "pass")]).reason).toBe(
    "nothing is worse than before: 1 of 3 sites pass; 2 fail as before",
  );
  expect(text([result(2, "fail", "name"), result(3, "pass")]).reason).toBe(
    "nothing is worse than before: 1 of 2 sites pass; 1 fails in what no release changes",
  );
  expect(text([result(0, "pass"), result(1, "pass")]).reason).toBe("2 of 2 sites pass");
  expect(judgeWave(some(4, 1, 95), [], limits).reason).toBe(
    "95 of 100 sites pass; 4 fail, within the limit, 1 could not be judged",
  );
});
