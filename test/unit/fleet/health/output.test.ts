import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resultOf, verdictOf } from "../../../../checks/judge/verdict.ts";
import type { Finding } from "../../../../checks/types.ts";
import { type HealthResult, rank, renderJunit, renderPrometheus, reportOf } from "../../../../fleet/health/index.ts";

function result(id: string, findings: readonly Finding[], ms?: number): HealthResult {
  const certificate = { subject: "", issuer: "", names: [], from: 0, until: 1_800_000_000_000 };
  const evidence = [{ url: "", at: "", timing: { totalMs: 1 }, certificate }];
  const one = { vantage: "here", verdict: verdictOf(findings), findings, tries: 1, evidence };
  return resultOf({ id, kind: "site", host: id, url: `https://${id}/`, zone: "example.test", cell: "07" }, [
    { ...one, ...(ms === undefined ? {} : { milliseconds: ms }) },
  ]);
}
const finding = (verdict: Finding["verdict"], text = "x", about: Finding["about"] = "status"): Finding => ({
  about,
  verdict,
  text,
});
const up = result("b.test", [finding("pass", "answers 200")], 120);
const down = result("a.test", [finding("fail", 'answers 500, not 200 "<&>"')], 80);
const doubt = result("c.test", [finding("inconclusive", "no connection", "connection")]);
const slow = result("d.test", [finding("pass"), finding("note", "more than 30 % slower", "time")]);

test("the worst comes first: failures, doubts, what is slow, the rest by name", () => {
  const order = rank([up, slow, doubt, down]).map(({ result }) => result.id);
  expect(order).toEqual(["a.test", "c.test", "d.test", "b.test"]);
});

test("the figures of a run", () => {
  expect(reportOf([up, down, doubt], 1.5)).toMatchObject({
    verdict: "fail",
    counts: { pass: 1, fail: 1, inconclusive: 1 },
    failing: { status: 1 },
    failureRate: 0.5,
    seconds: 1.5,
  });
  expect(reportOf([up, doubt], 1).verdict).toBe("inconclusive");
  expect(reportOf([up], 1).verdict).toBe("pass");
  expect(reportOf([], 1).verdict).toBe("inconclusive");
});

const text = fc.string({ unit: "binary", maxLength: 60 });

describe("JUnit", () => {
  test("a case a host; a doubt is skipped, not passed", () => {
    const xml = renderJunit([up, down, doubt], 2);
    expect(xml).toContain('<testsuites name="health" tests="3" failures="1" errors="0" skipped="1" time="2.000">');
    expect(xml).toContain('<testcase classname="site.example.test" name="b.test" time="0.120"/>');
    expect(xml).toContain('message="answers 500, not 200 &quot;&lt;&amp;&gt;&quot;"');
    expect(xml).toContain('<skipped message="inconclusive: no connection"/>');
  });

  // Breaks when a page's text makes the document one that no CI system can read.
  test("is well formed whatever hosts and texts hold", () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.constantFrom<Finding["verdict"]>("pass", "fail", "inconclusive"),
        (id, words, verdict) => {
          const xml = renderJunit([result(id, [finding(verdict, words)])], 1);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot hold
          expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
          const open: string[] = [];
          const rest = xml.replace(
            /<\?xml[^>]*\?>|<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g,
            (_all, end, name, _attributes, single) => {
              if (name !== undefined && !single) end ? expect(open.pop()).toBe(name) : open.push(name);
              return "";
            },
          );
          expect(open).toEqual([]);
          expect(rest).not.toMatch(/[<>]/);
          expect(rest).not.toMatch(/&(?!(amp|lt|gt|quot);)/);
        },
      ),
    );
  });
});

describe("Prometheus", () => {
  test("a doubt has no sitefleet_health_up, so that no alert fires for an error of ours", () => {
    const lines = renderPrometheus([up, down, doubt], 2, 1_790_000_000_000).split("\n");
    const labels = (host: string) => `host="${host}",kind="site",zone="example.test",cell="07"`;
    expect(lines.filter((line) => line.startsWith("sitefleet_health_up"))).toEqual([
      `sitefleet_health_up{${labels("b.test")}} 1`,
      `sitefleet_health_up{${labels("a.test")}} 0`,
    ]);
    expect(lines).toContain(`sitefleet_health_response_seconds{${labels("b.test")},vantage="here"} 0.12`);
    expect(lines).toContain(
      `sitefleet_health_certificate_end_timestamp_seconds{${labels("b.test")},vantage="here"} 1800000000`,
    );
    expect(lines).toContain('sitefleet_health_targets{verdict="inconclusive"} 1');
    expect(lines).toContain("sitefleet_health_timestamp_seconds 1790000000");
  });

  test("every line is a comment or a sample, each metric once described, whatever hosts hold", () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 5 }), (ids) => {
        const page = renderPrometheus(
          ids.map((id) => result(id, [finding("pass")], 5)),
          1,
          0,
        );
        expect(page.endsWith("\n")).toBe(true);
        const lines = page.slice(0, -1).split("\n");
        for (const line of lines) {
          expect(line).toMatch(/^# (HELP|TYPE) \w+ .+$|^\w+(\{(\w+="([^"\\\n]|\\[\\"n])*",?)*\})? [-+.e\d]+$/);
        }
        const types = lines.filter((line) => line.startsWith("# TYPE"));
        expect(new Set(types).size).toBe(types.length);
      }),
    );
  });
});
