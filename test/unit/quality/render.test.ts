import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import type { QualityDocument, QualityResult } from "../../../quality/index.ts";
import { renderJunit, renderMarkdown, renderSarif } from "../../../quality/index.ts";
import { children, xmlOf } from "../../../quality/source/xml.ts";

// Breaks when a document is refused by what reads it, or when what has not run looks green in one.

const result = (more: Partial<QualityResult>): QualityResult => ({
  subject: { kind: "service", key: "crm" },
  check: "axe",
  state: "pass",
  measures: [{ name: "violations", value: 0, limit: 0, must: "most" }],
  findings: [],
  found: 0,
  at: "2026-11-29T08:00:00.000Z",
  seconds: 1.5,
  artifacts: {},
  ...more,
});
const RUN: QualityDocument = {
  at: "2026-11-29T08:00:00.000Z",
  results: [
    result({}),
    result({
      check: "gitleaks",
      state: "fail",
      found: 2,
      findings: [{ rule: "aws", level: "error", message: "a | <b>", file: "a b.ts", line: 3 }],
    }),
    result({ check: "eslint", state: "not-run", reason: "eslint is not installed", measures: [] }),
  ],
};

/** What SARIF 2.1.0 requires of the parts that are written. */
const sarifSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({ name: z.string(), rules: z.array(z.strictObject({ id: z.string() })) }),
      }),
      automationDetails: z.strictObject({ id: z.string() }),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          properties: z.record(z.string(), z.string()),
          toolExecutionNotifications: z.array(
            z.strictObject({
              level: z.enum(["none", "note", "warning", "error"]),
              message: z.strictObject({ text: z.string() }),
            }),
          ),
        }),
      ),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: z.enum(["none", "note", "warning", "error"]),
          message: z.strictObject({ text: z.string().min(1) }),
          locations: z.array(
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[^\s\\]+$/) }),
                region: z.strictObject({ startLine: z.int().min(1) }).optional(),
              }),
            }),
          ),
        }),
      ),
    }),
  ),
});

test("SARIF holds to its schema, and says of what has not run that it has not", () => {
  const sarif = sarifSchema.parse(JSON.parse(JSON.stringify(renderSarif(RUN))));
  expect(
    sarif.runs.map(({ tool, results, invocations }) => [
      tool.driver.name,
      results.length,
      invocations[0]?.executionSuccessful,
    ]),
  ).toEqual([
    ["axe", 0, true],
    ["gitleaks", 1, true],
    ["eslint", 0, false],
  ]);
  expect(sarif.runs[1]?.results[0]?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: "a%20b.ts" },
    region: { startLine: 3 },
  });
});

test("JUnit is XML with a failure, an error and their counts, whatever the texts hold", async () => {
  const root = children(await xmlOf(await renderJunit(RUN), "junit"), "testsuites")[0] ?? {};
  expect(root).toMatchObject({ "@tests": "3", "@failures": "1", "@errors": "1" });
  const cases = children(children(root, "testsuite")[0], "testcase");
  expect(cases.map((one) => [one["@name"], children(one, "failure").length, children(one, "error").length])).toEqual([
    ["axe", 0, 0],
    ["gitleaks", 1, 0],
    ["eslint", 0, 1],
  ]);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 30 }), async (message) => {
      const text = await renderJunit({
        ...RUN,
        results: [result({ state: "fail", findings: [{ rule: "r", level: "error", message }] })],
      });
      await xmlOf(text, "junit");
    }),
    { numRuns: 50 },
  );
});

test("texts of tools are no markup in Markdown", () => {
  const text = renderMarkdown(RUN);
  expect(text).toContain("1 pass, 1 fail, 1 not run.");
  expect(text).toContain("* aws: a \\| \\<b\\> \\(a b.ts:3\\)\n* and 1 more");
  expect(text).toContain("| service crm | eslint | not-run | eslint is not installed |");
});
