import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secondsOfRun } from "../../../operations/quality/planned.ts";
import { audit } from "../../../quality/dependencies/audit.ts";
import { baseScore } from "../../../quality/dependencies/cvss.ts";
import { affects, compareVersions, type OsvRecord } from "../../../quality/dependencies/osv.ts";
import type { QualityResult } from "../../../quality/index.ts";
import { readAxe } from "../../../quality/page/axe.ts";
import { planMeasuring } from "../../../quality/page/cost.ts";
import { judgeRuns, readLighthouse } from "../../../quality/page/lighthouse.ts";
import { readCoverage } from "../../../quality/source/coverage.ts";
import { readEslint } from "../../../quality/source/eslint.ts";
import { readGitleaks } from "../../../quality/source/gitleaks.ts";
import { ofAlerts } from "../../../quality/source/index.ts";
import { readJscpd } from "../../../quality/source/jscpd.ts";
import { Unusable } from "../../../quality/source/read.ts";
import { readPhpstan, readTrivy } from "../../../quality/source/reports.ts";
import { readJunit } from "../../../quality/source/tests.ts";
import type { Judged } from "../../../quality/types.ts";

// Breaks when a planted fault is not found, or when a report that is broken, empty or cut off is taken for green.

const NOW = Date.parse("2026-11-29T12:00:00Z");
const json = (value: unknown) => JSON.stringify(value);
const JUNIT = (cases: string, tests: number) =>
  `<?xml version="1.0"?><testsuites tests="${tests}"><testsuite name="s" tests="${tests}">${cases}</testsuite></testsuites>`;
const SBOM = (version: string) =>
  json({
    bomFormat: "CycloneDX",
    components: [{ purl: `pkg:npm/lodash@${version}` }, { purl: "pkg:composer/acme/blog@1.0.0" }],
  });
const OSV: OsvRecord = {
  id: "GHSA-xxxx",
  modified: "2026-11-28T00:00:00Z",
  summary: "Prototype pollution",
  database_specific: { severity: "HIGH" },
  affected: [
    {
      package: { ecosystem: "npm", name: "lodash" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
    },
  ],
};
const category = (score: number | null) => ({ score, auditRefs: [{ id: "image", weight: 3 }] });
const lhr = (performance: number, more: object = {}) =>
  json({
    categories: {
      performance: category(performance),
      accessibility: category(1),
      "best-practices": category(0.96),
      seo: category(0.9),
    },
    audits: { image: { title: "Images are small", score: 0.2, displayValue: "2 MB" } },
    ...more,
  });
const LIMITS = { performance: 90, accessibility: 90, bestPractices: 95, seo: 90 };
const audited = (text: string) => audit(text, [OSV], { limit: 0, osvDays: 7, now: NOW });
const NEON = "parameters:\n\tlevel: 6\n";

/** Of each adapter: how it reads a report, one with a planted fault, one that is mended, and empty ones of its form. */
const ADAPTERS: [
  name: string,
  read: (text: string) => Judged | Promise<Judged>,
  bad: string,
  good: string,
  empty: string[],
][] = [
  [
    "gitleaks",
    (text) => readGitleaks(text, 0),
    json([{ RuleID: "aws", File: "a.ts", StartLine: 3, Commit: "", Description: "AWS" }]),
    "[]",
    ["{}"],
  ],
  [
    "jscpd",
    (text) => readJscpd(text, 2),
    json({
      statistics: { total: { sources: 2, percentage: 40 } },
      duplicates: [{ lines: 9, firstFile: { name: "a.ts", start: 1 }, secondFile: { name: "b.ts", start: 5 } }],
    }),
    json({ statistics: { total: { sources: 2, percentage: 2 } }, duplicates: [] }),
    [json({ statistics: { total: { sources: 0, percentage: 0 } }, duplicates: [] }), "{}"],
  ],
  [
    "eslint",
    (text) => readEslint(text, 0),
    json([{ filePath: "a.js", errorCount: 1, messages: [{ ruleId: "no-undef", severity: 2, message: "x", line: 1 }] }]),
    json([{ filePath: "a.js", errorCount: 0, messages: [] }]),
    ["[]", "{}"],
  ],
  [
    "tests",
    (text) => readJunit([{ path: "junit.xml", text }], 0),
    JUNIT('<testcase name="a"/><testcase name="b"><failure message="no"/></testcase>', 2),
    JUNIT('<testcase name="a"/><testcase name="b"/>', 2),
    [JUNIT("", 0), JUNIT('<testcase name="a"/>', 2), JUNIT('<testcase name="a"><skipped/></testcase>', 1), "<html/>"],
  ],
  [
    "lcov",
    (text) => readCoverage(text, 80),
    "SF:a.ts\nLF:10\nLH:7\nend_of_record\n",
    "SF:a.ts\nLF:10\nLH:8\nend_of_record\n",
    ["SF:a.ts\nLF:0\nLH:0\nend_of_record\n", "SF:a.ts\nLF:10\nLH:8\n", "lines: 100 %"],
  ],
  [
    "clover",
    (text) => readCoverage(text, 80),
    '<coverage><project><metrics statements="10" coveredstatements="7"/></project></coverage>',
    '<coverage><project><metrics statements="10" coveredstatements="9"/></project></coverage>',
    ['<coverage><project><metrics statements="0" coveredstatements="0"/></project></coverage>'],
  ],
  [
    "cobertura",
    (text) => readCoverage(text, 80),
    '<!DOCTYPE coverage SYSTEM "x.dtd"><coverage lines-covered="7" lines-valid="10"/>',
    '<coverage lines-covered="8" lines-valid="10"><packages/></coverage>',
    ["<coverage><packages/></coverage>", '<coverage lines-covered="11" lines-valid="10"/>'],
  ],
  [
    "trivy",
    (text) => readTrivy(text, 0),
    json({
      SchemaVersion: 2,
      ArtifactName: ".",
      Results: [{ Target: "p.lock", Vulnerabilities: [{ VulnerabilityID: "CVE-1", Severity: "HIGH" }] }],
    }),
    json({
      SchemaVersion: 2,
      ArtifactName: ".",
      Results: [{ Target: "p.lock", Vulnerabilities: [{ VulnerabilityID: "CVE-1", Severity: "LOW" }] }],
    }),
    ["{}", json({ SchemaVersion: 1, ArtifactName: "." })],
  ],
  [
    "phpstan",
    (text) => readPhpstan(text, NEON, { level: 6, errors: 0 }),
    json({
      totals: { errors: 0, file_errors: 1 },
      files: { "a.php": { messages: [{ message: "no", line: 2 }] } },
      errors: [],
    }),
    json({ totals: { errors: 0, file_errors: 0 }, files: [], errors: [] }),
    ["{}", json({ totals: { errors: 0, file_errors: 2 }, files: [], errors: [] })],
  ],
  [
    "axe",
    (text) => readAxe([{ page: "/", text }], 0),
    json({
      violations: [{ id: "label", help: "Labels", impact: "critical", nodes: [{ target: ["input"] }] }],
      passes: 3,
      incomplete: 0,
    }),
    json({ violations: [], passes: 4, incomplete: 1 }),
    [json({ violations: [], passes: 0, incomplete: 0 }), "{}"],
  ],
  [
    "lighthouse",
    (text) => judgeRuns([readLighthouse(text)], LIMITS),
    lhr(0.89),
    lhr(0.9),
    [
      lhr(1, { runtimeError: { message: "NO_FCP" } }),
      json({ categories: {}, audits: {} }),
      lhr(1).replace('"score":1', '"score":null'),
    ],
  ],
  ["dependencies", audited, SBOM("4.17.20"), SBOM("4.17.21"), ["{}", json({ bomFormat: "SPDX" })]],
];

describe.each(ADAPTERS)("%s", (_name, read, bad, good, empty) => {
  test("finds the planted fault, and passes once it is mended", async () => {
    const found = await read(bad);
    expect(found.state).toBe("fail");
    if (found.measures[0]?.name !== "lines percent") expect(found.found).toBeGreaterThan(0);
    expect((await read(good)).state).toBe("pass");
  });

  test("nothing, another form, and what is cut off are unusable", async () => {
    const unusable = async (text: string) => expect((async () => read(text))(), text).rejects.toThrow(Unusable);
    for (const text of [...empty, "", "null", "no report"]) await unusable(text);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.trimEnd().length - 1), async (length) => {
        await unusable(good.slice(0, length));
      }),
      { numRuns: 25 },
    );
  });
});

describe("figures", () => {
  test("the median of three runs counts", () => {
    const runs = [0.99, 0.5, 0.91].map((score) => readLighthouse(lhr(score)));
    const judged = judgeRuns(runs, LIMITS);
    expect(judged.measures.map(({ name, value }) => [name, value])).toEqual([
      ["performance", 91],
      ["accessibility", 100],
      ["best-practices", 96],
      ["seo", 90],
      ["spread", 49],
      ["runs", 3],
      ["benchmark", 0],
    ]);
    expect(judged.findings[0]).toMatchObject({ rule: "image", message: "performance: Images are small (2 MB)" });
  });

  test("what measurements take is planned by processors", () => {
    expect(planMeasuring(22, 3, 2, 10)).toEqual({ pages: 22, runs: 66, browsers: 1, seconds: 660 });
    expect(planMeasuring(22, 3, 8, 10)).toMatchObject({ browsers: 4, seconds: 180 });
    expect(planMeasuring(1, 3, 1)).toMatchObject({ browsers: 1 });
  });

  test("and by what earlier ones took, of what was measured alone", () => {
    const took = (seconds: number, runs: number, state = "pass") =>
      ({ seconds, state, measures: [{ name: "runs", value: runs }] }) as unknown as QualityResult;
    expect(secondsOfRun([])).toBeUndefined();
    expect(secondsOfRun([undefined, took(900, 3, "not-run"), took(30, 3), took(60, 5), took(60, 3)])).toBe(12);
  });

  test("PHPStan at a lower level than declared fails, and without a level is unusable", () => {
    const clean = json({ totals: { errors: 0, file_errors: 0 }, files: {}, errors: [] });
    const at = (neon: string) => readPhpstan(clean, neon, { level: 6, errors: 0 }).state;
    expect([at("parameters:\n    level: 5\n"), at("parameters:\n    level: max\n")]).toEqual(["fail", "pass"]);
    expect(() => at("parameters:\n    paths: [src]\n")).toThrow(Unusable);
  });

  test("alerts of severity high and critical count, and errors of analyses without a severity", () => {
    const alert = (severity: string) => ({ rule: "r", severity, message: "m" });
    expect(ofAlerts([alert("medium"), alert("warning")], 0).state).toBe("pass");
    expect(ofAlerts([alert("low"), alert("error"), alert("critical")], 0)).toMatchObject({ state: "fail", found: 3 });
  });

  test("texts of tools come out harmless", () => {
    const text = json([
      { RuleID: "a\u202e", File: "x\n.ts", StartLine: 1, Description: "\u001b[31m https://evil.test" },
    ]);
    expect(readGitleaks(text, 0).findings[0]).toMatchObject({
      rule: "a",
      file: "x .ts",
      message: "[31m https[:]//evil.test",
    });
  });
});

describe("advisories", () => {
  const record = (events: object[], more: Partial<OsvRecord> = {}): OsvRecord => ({
    ...OSV,
    ...more,
    affected: [{ package: { ecosystem: "PyPI", name: "Foo.Bar" }, ranges: [{ type: "ECOSYSTEM", events }] }],
  });

  test.each([
    ["before", "0.9", false],
    ["at its beginning", "1.0", true],
    ["in it", "1.2.9", true],
    ["at its end", "1.3", false],
    ["a candidate of its end", "1.3rc1", true],
    ["in the second range", "2.5", true],
  ])("a version %s", (_name, version, expected) => {
    const events = [{ introduced: "2.0" }, { last_affected: "2.5" }, { introduced: "1.0" }, { fixed: "1.3" }];
    expect(affects(record(events), "PyPI", "foo-bar", version)).toBe(expected);
  });

  test("one that was withdrawn, or of another ecosystem, affects nothing", () => {
    const events = [{ introduced: "0" }];
    expect(affects(record(events, { withdrawn: "2026-01-01T00:00:00Z" }), "PyPI", "foo-bar", "1")).toBe(false);
    expect(affects(record(events), "npm", "Foo.Bar", "1.0.0")).toBe(false);
  });

  test("old records, and none, are unusable", () => {
    expect(() =>
      audit(SBOM("1.0.0"), [{ ...OSV, modified: "2026-10-01T00:00:00Z" }], { limit: 0, osvDays: 7, now: NOW }),
    ).toThrow(/58 days old|59 days old/);
    expect(() => audit(SBOM("1.0.0"), [], { limit: 0, osvDays: 7, now: NOW })).toThrow(Unusable);
  });

  test("CVSS as the specification's examples score, and what has no severity counts as high", () => {
    expect(baseScore("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")).toBe(9.8);
    expect(baseScore("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N")).toBe(6.1);
    expect(baseScore("CVSS:4.0/AV:N")).toBeUndefined();
    const state = (record: OsvRecord) => audit(SBOM("1.0.0"), [record], { limit: 0, osvDays: 7, now: NOW }).state;
    const { database_specific: _, ...silent } = OSV;
    expect(state(silent)).toBe("fail");
    expect(
      state({ ...silent, severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N" }] }),
    ).toBe("pass");
  });

  test("versions are ordered", () => {
    const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      }),
    );
  });
});
