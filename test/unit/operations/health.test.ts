import { describe, expect, it } from "vitest";
import { type HealthResult, reportOf } from "../../../fleet/health/index.ts";
import { loadCatalog } from "../../../model/index.ts";
import { targetsFor, vantagesFor } from "../../../operations/health/choose.ts";
import { health } from "../../../operations/health.ts";
import { perform } from "../../../operations/kit/operation.ts";

// What breaks when these fail: a monitor takes hosts that fail for well, or pages' texts end up in its log.

const result = (id: string, verdict: HealthResult["verdict"]): HealthResult => ({
  id,
  kind: "site",
  host: id,
  url: `https://${id}/`,
  verdict,
  reason: verdict,
  vantages: [
    {
      vantage: "here",
      verdict,
      findings: [],
      tries: 1,
      evidence: [{ url: `https://${id}/`, at: "2026-11-29T08:00:00.000Z", timing: { totalMs: 3 }, excerpt: "a page" }],
    },
  ],
});
const checked = (...results: HealthResult[]) => ({ results, report: reportOf(results, 1), evidence: "/e.jsonl" });

describe("the document of checks", () => {
  it("has the worst first and no texts of pages, and keeps to its schema", () => {
    const document = health.document(checked(result("a.de", "pass"), result("b.de", "fail")));
    expect(document).toMatchObject({ ok: false, verdict: "fail", counts: { pass: 1, fail: 1 }, evidence: "/e.jsonl" });
    expect(document.results.map(({ id }) => id)).toEqual(["b.de", "a.de"]);
    expect(JSON.stringify(document)).not.toContain("a page");
    expect(health.output.parse(document)).toEqual(document);
  });

  it.each([
    ["pass", 0],
    ["fail", 1],
    ["inconclusive", 4],
  ] as const)("and its exit code: %s is %i", (verdict, code) => {
    expect(health.exitCode?.(checked(result("a.de", verdict)))).toBe(code);
  });
});

describe("what is checked", () => {
  const catalog = loadCatalog("catalog");

  it.each([
    [{ all: true, site: ["a.de"] }, "--all goes without"],
    [{ deployment: "https://x.vercel.app", cell: ["07"] }, "--deployment goes with at most one --site"],
    [{ deployment: "https://x.vercel.app", site: ["a.de", "b.de"] }, "--deployment goes with at most one --site"],
  ])("is refused when it contradicts itself: %o", (choice, message) => {
    expect(() => targetsFor(catalog, choice)).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringContaining(message) }),
    );
  });

  it("is asked from every vantage, or from those that are named", () => {
    const declared = catalog.checks.vantages;
    expect(vantagesFor(declared, undefined)).toBe(declared);
    expect(() => vantagesFor(declared, ["moon"])).toThrow(expect.objectContaining({ code: "vantage.unknown" }));
  });
});

it("a wrong input is refused before anything is read", async () => {
  const estate = { catalogDir: "/nowhere", configFile: "/nowhere/Pulumi.prod.yaml" };
  await expect(perform(health, { concurrency: 0 }, { estate })).rejects.toMatchObject({
    code: "usage",
    details: [expect.stringMatching(/^concurrency: /)],
  });
});
