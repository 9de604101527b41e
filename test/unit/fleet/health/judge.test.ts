import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeCertificate } from "../../../../checks/judge/certificate.ts";
import { judgeHttps, judgePage } from "../../../../checks/judge/page.ts";
import { judgeRelease, releaseIn } from "../../../../checks/judge/release.ts";
import { isSlow, judgeTime, median, quantile } from "../../../../checks/judge/time.ts";
import { combine, resultOf, verdictOf, withPeers } from "../../../../checks/judge/verdict.ts";
import type { Finding, HealthResult, Seen, Stage, Verdict } from "../../../../checks/types.ts";
import { target } from "./world.ts";

const answered = (
  status: number,
  more: { body?: string; headers?: Record<string, string>; cut?: boolean } = {},
): Seen => ({
  url: "https://quiz.example.test/",
  at: 0,
  answer: { status, headers: {}, body: "", cut: false, ...more },
  timing: { totalMs: 1 },
});
const failed = (stage: Stage, code: string, problem?: string): Seen => ({
  url: "https://quiz.example.test/",
  at: 0,
  trouble: { stage, code, message: "" },
  timing: { totalMs: 1 },
  ...(problem ? { certificate: { subject: "", issuer: "", names: [], from: 0, until: 0, problem } } : {}),
});
const verdictFor = (seen: Seen, ...given: Parameters<typeof target>) => verdictOf(judgePage(seen, target(...given)));

describe("a page", () => {
  // Breaks when something that visitors see as broken passes.
  test.each([
    ["another status", answered(500), {}, "fail"],
    ["the declared status", answered(204), { statuses: [204] }, "pass"],
    ["a redirect that nobody declared", answered(302, { headers: { location: "/login" } }), {}, "fail"],
    ["no deployment", answered(404, { headers: { "x-vercel-error": "DEPLOYMENT_NOT_FOUND" } }), {}, "fail"],
    ["its marker", answered(200, { body: "a marker-1 b" }), { marker: "marker-1" }, "pass"],
    ["no marker", answered(200, { body: "" }), { marker: "marker-1" }, "fail"],
    ["too many questions", answered(429), {}, "inconclusive"],
    ["a firewall's challenge", answered(403, { headers: { "x-vercel-mitigated": "challenge" } }), {}, "inconclusive"],
    ["Cloudflare's challenge", answered(503, { headers: { "cf-mitigated": "challenge" } }), {}, "inconclusive"],
    ["a login in front of the site", answered(401), {}, "fail"],
  ] as const)("%s", (_what, seen, check, verdict) => {
    expect(verdictFor(seen, check)).toBe(verdict);
  });

  test("deployment protection says nothing about the deployment", () => {
    const login = answered(302, { headers: { location: "https://vercel.com/sso-api?url=x&nonce=y" } });
    for (const seen of [answered(401), login])
      expect(verdictFor(seen, {}, { kind: "deployment" })).toBe("inconclusive");
    expect(verdictFor(answered(401), { statuses: [401] }, { kind: "deployment" })).toBe("pass");
  });

  test("a marker with {ref} and {host} is filled in; what is not known is not looked for", () => {
    const check = { marker: "{host} {ref}" };
    const body = "x quiz.example.test abc y";
    expect(verdictFor(answered(200, { body }), check, { expected: { ref: "abc" } })).toBe("pass");
    expect(verdictFor(answered(200, { body }), check, { expected: { ref: "abd" } })).toBe("fail");
    const findings = judgePage(answered(200, { body: "" }), target(check));
    expect(findings.map(({ about, verdict }) => [about, verdict])).toEqual([
      ["status", "pass"],
      ["marker", "note"],
    ]);
  });

  test.each([
    ["https://www.example.test", "https://www.example.test/", 308, "pass"],
    ["https://www.example.test", "https://www.example.test/other", 308, "fail"],
    ["https://www.example.test", "https://evil.test/", 301, "fail"],
    ["https://www.example.test", "https://www.example.test/", 302, "fail"],
    ["https://www.example.test", "", 301, "fail"],
    ["https://www.example.test/new", "https://www.example.test/new", 301, "pass"],
    ["https://quiz.example.test/new", "/new", 301, "pass"],
    ["https://www.example.test", "::::", 301, "fail"],
  ])("a host that redirects to %s: %s with %i is %s", (to, location, status, verdict) => {
    const redirect = { to, statuses: [301, 308] };
    expect(verdictFor(answered(status, { headers: { location } }), { redirect, marker: "never" })).toBe(verdict);
  });
});

describe("no answer", () => {
  // Breaks when an error of our own network rolls releases back, or a dead site is taken for one.
  test.each([
    ["name", "ENOTFOUND", "fail"],
    ["name", "ENODATA", "fail"],
    ["name", "ETIMEOUT", "inconclusive"],
    ["name", "ESERVFAIL", "inconclusive"],
    ["name", "EAI_AGAIN", "inconclusive"],
    ["proxy", "ECONNREFUSED", "inconclusive"],
    ["connect", "ECONNREFUSED", "inconclusive"],
    ["connect", "TIMEOUT", "inconclusive"],
    ["connect", "EMFILE", "inconclusive"],
    ["connect", "ENETUNREACH", "inconclusive"],
    ["tls", "ECONNRESET", "inconclusive"],
    ["tls", "ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "fail"],
    ["answer", "TIMEOUT", "fail"],
    ["answer", "UND_ERR_SOCKET", "fail"],
    ["answer", "HPE_INVALID_CONSTANT", "fail"],
    ["body", "UND_ERR_BODY_TIMEOUT", "fail"],
  ] as const)("%s %s is %s", (stage, code, verdict) => {
    expect(verdictFor(failed(stage, code))).toBe(verdict);
  });

  test("a certificate that is not to be trusted fails with the reason", () => {
    const [finding] = judgePage(failed("tls", "CERT_HAS_EXPIRED", "CERT_HAS_EXPIRED"), target());
    expect(finding).toEqual({ about: "certificate", verdict: "fail", text: "the certificate has expired" });
  });

  test("whatever happens there is a verdict, and text without control characters", () => {
    const stage = fc.constantFrom<Stage>("name", "proxy", "connect", "tls", "answer", "body");
    fc.assert(
      fc.property(stage, fc.string(), fc.integer({ min: 100, max: 599 }), fc.string(), (where, code, status, text) => {
        for (const seen of [failed(where, code), answered(status, { body: text, headers: { location: text } })]) {
          const findings = judgePage(seen, target({ redirect: null }));
          expect(findings).toHaveLength(1);
          expect(["pass", "fail", "inconclusive"]).toContain(verdictOf(findings));
        }
        const named = answered(status, { headers: { location: text, "x-vercel-error": text, "cf-mitigated": text } });
        for (const finding of [...judgePage(named, target()), judgeHttps(named, "quiz.example.test")]) {
          expect(finding.text).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe("our network or theirs", () => {
  const result = (id: string, finding: Finding): HealthResult =>
    resultOf({ id, kind: "site", host: id, url: `https://${id}/` }, [
      { vantage: "here", verdict: verdictOf([finding]), findings: [finding], tries: 1, evidence: [] },
    ]);
  const up: Finding = { about: "status", verdict: "pass", text: "answers 200" };
  const lost: Finding = { about: "connection", verdict: "inconclusive", text: "no connection", unreached: true };
  const verdicts = (findings: Finding[]) =>
    withPeers(findings.map((finding, index) => result(`h${index}`, finding))).map(({ verdict }) => verdict);

  test("a host that alone cannot be reached is down; when none is reached it is us", () => {
    expect(verdicts([up, up, lost])).toEqual(["pass", "pass", "fail"]);
    expect(verdicts([lost, lost])).toEqual(["inconclusive", "inconclusive"]);
    expect(verdicts([lost])).toEqual(["inconclusive"]);
    expect(verdicts([up, lost, lost])).toEqual(["pass", "inconclusive", "inconclusive"]);
    const text = withPeers([result("a", up), result("b", lost)])[1]?.reason;
    expect(text).toBe("no connection, while another host was reached");
  });

  test("never changes what was reached, and doubts become failures all or none", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(up, lost)), (findings) => {
        const after = verdicts(findings);
        const reached = findings.filter((finding) => finding === up).length;
        const wanted = reached > 0 && reached >= findings.length - reached ? "fail" : "inconclusive";
        expect(after).toEqual(findings.map((finding) => (finding === up ? "pass" : wanted)));
      }),
    );
  });
});

describe("verdicts", () => {
  const verdict = fc.constantFrom<Verdict>("pass", "fail", "inconclusive");

  test("vantages that disagree leave it open; doubt does not outweigh what another saw", () => {
    expect(combine(["pass", "fail"])).toBe("inconclusive");
    expect(combine(["pass", "inconclusive"])).toBe("pass");
    expect(combine(["inconclusive", "fail"])).toBe("fail");
    expect(combine([])).toBe("inconclusive");
  });

  test("neither the order of vantages nor their number of equal voices matters", () => {
    fc.assert(
      fc.property(fc.array(verdict), (verdicts) => {
        const one = combine(verdicts);
        expect(combine([...verdicts].reverse())).toBe(one);
        expect(combine([...verdicts, ...verdicts])).toBe(one);
        expect(combine([...verdicts, "inconclusive"])).toBe(one);
        expect(combine([one, "inconclusive"])).toBe(one);
      }),
    );
  });

  test("one failure decides, notes never do", () => {
    const finding = (kind: Finding["verdict"]): Finding => ({ about: "status", verdict: kind, text: "" });
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Finding["verdict"]>("pass", "fail", "inconclusive", "note")), (kinds) => {
        const found = verdictOf(kinds.map(finding));
        expect(found === "fail").toBe(kinds.includes("fail"));
        expect(found).toBe(verdictOf(kinds.filter((kind) => kind !== "note").map(finding)));
      }),
    );
    expect(verdictOf([])).toBe("inconclusive");
  });
});

describe("the release", () => {
  const html = (element: string) => ({ status: 200, headers: {}, body: `<head>${element}</head>`, cut: false });
  const rule = { header: "x-commit", meta: "release", path: null, required: false };

  test("is in a header, else in a meta element with its attributes in any order", () => {
    expect(releaseIn({ ...html(""), headers: { "x-commit": " abc " } }, rule)).toBe("abc");
    expect(releaseIn(html(`<meta charset=utf-8><meta content='abc' name="release">`), rule)).toBe("abc");
    expect(releaseIn(html(`<meta name="releases" content="abc">`), rule)).toBeUndefined();
    expect(releaseIn({ ...html(""), headers: { "x-commit": "a b\u0007" } }, rule)).toBeUndefined();
  });

  test("is held against what is expected; without expectation it is only noted", () => {
    expect(judgeRelease("abc", { ref: "abc", deployment: "dpl_1" }, true)?.verdict).toBe("pass");
    expect(judgeRelease("dpl_1", { ref: "abc", deployment: "dpl_1" }, true)?.verdict).toBe("pass");
    expect(judgeRelease("old", { ref: "abc" }, false)?.verdict).toBe("fail");
    expect(judgeRelease("old", {}, true)?.verdict).toBe("note");
    expect(judgeRelease(undefined, { ref: "abc" }, false)?.verdict).toBe("note");
    expect(judgeRelease(undefined, { ref: "abc" }, true)?.verdict).toBe("fail");
    expect(judgeRelease(undefined, {}, true)).toBeUndefined();
  });
});

test("http must lead to https at the same host", () => {
  const at = (status: number, location?: string) =>
    judgeHttps({ ...answered(status, location ? { headers: { location } } : {}), url: "http://a.test/" }, "a.test")
      .verdict;
  expect(at(308, "https://a.test/")).toBe("pass");
  expect(at(301, "https://a.test/x")).toBe("pass");
  expect(at(301, "https://b.test/")).toBe("fail");
  expect(at(301, "http://a.test/x")).toBe("fail");
  expect(at(200)).toBe("fail");
  expect(judgeHttps(failed("connect", "ECONNREFUSED"), "a.test")).toMatchObject({ about: "https", unreached: true });
});

test("a certificate's days", () => {
  const now = Date.parse("2026-11-01");
  const certificate = { subject: "", issuer: "", names: [], from: 0, until: now + 10 * 86_400_000 };
  const judge = (days: number) => judgeCertificate({ ...answered(200), certificate }, { verify: true, days }, now);
  expect(judge(10)).toEqual({ about: "certificate", verdict: "pass", text: "its certificate ends in 10 days" });
  expect(judge(10.01)?.verdict).toBe("fail");
  expect(judgeCertificate(answered(200), { verify: true, days: 5 }, now)).toBeUndefined();
});

describe("times", () => {
  const slow = { percent: 30, floorMs: 100, samples: 20, least: 5, fails: true };
  const times = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1 });

  test("both limits must be passed", () => {
    expect(isSlow(131, 100, slow)).toBe(false);
    expect(isSlow(201, 100, slow)).toBe(true);
    expect(isSlow(1_250, 1_000, slow)).toBe(false);
    expect(isSlow(1_301, 1_000, slow)).toBe(true);
    expect(isSlow(1_301, undefined, slow)).toBe(false);
    expect(judgeTime(5_000, 1_000, { ...slow, fails: false }).verdict).toBe("note");
  });

  test("a faster answer is never judged worse", () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000), (a, b, usual) => {
        if (isSlow(Math.min(a, b), usual, slow)) expect(isSlow(Math.max(a, b), usual, slow)).toBe(true);
      }),
    );
  });

  test("the median lies in the middle, whatever the order and whatever one outlier does", () => {
    expect(median([])).toBeUndefined();
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, 2, 3, 10])).toBe(2.5);
    fc.assert(
      fc.property(times, (values) => {
        const middle = median(values) ?? Number.NaN;
        expect(median([...values].reverse())).toBe(middle);
        expect(values.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(values.filter((value) => value >= middle).length * 2).toBeGreaterThanOrEqual(values.length);
        expect(quantile(values, 0)).toBe(Math.min(...values));
        expect(quantile(values, 1)).toBe(Math.max(...values));
      }),
    );
  });
});
