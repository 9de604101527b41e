import type { HealthResult } from "../../../checks/types.ts";

// junit-report-builder brings lodash, make-dir and xmlbuilder (6 MB) for the few elements below, and drops characters that XML cannot
// hold: here they are seen as replaced.
/**
 * Results as JUnit XML, which CI systems show: a suite for each kind, a case for each host. What is inconclusive is
 * skipped, with its reason. Pure.
 */
export function renderJunit(results: readonly HealthResult[], seconds: number): string {
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const suites = kinds.map((kind) => {
    const some = results.filter((result) => result.kind === kind);
    return [`  <testsuite name="health ${kind}s" ${countsOf(some)}>`, ...some.map(caseOf), "  </testsuite>"].join("\n");
  });
  const head = `<testsuites name="health" ${countsOf(results)} time="${seconds.toFixed(3)}">`;
  return `${['<?xml version="1.0" encoding="UTF-8"?>', head, ...suites, "</testsuites>"].join("\n")}\n`;
}

function countsOf(results: readonly HealthResult[]): string {
  const count = (verdict: string) => results.filter((result) => result.verdict === verdict).length;
  return `tests="${results.length}" failures="${count("fail")}" errors="0" skipped="${count("inconclusive")}"`;
}

function caseOf({ id, kind, zone, verdict, reason, vantages }: HealthResult): string {
  const ms = Math.max(0, ...vantages.map(({ milliseconds }) => milliseconds ?? 0));
  const head = `    <testcase classname="${escapeXml(`${kind}.${zone ?? "deployments"}`)}" name="${escapeXml(id)}" time="${(ms / 1000).toFixed(3)}"`;
  if (verdict === "pass") return `${head}/>`;
  const details = vantages.flatMap(({ vantage, findings }) =>
    findings.map(({ about, verdict: found, text }) => `${vantage}: ${about}: ${found}: ${text}`),
  );
  const message = `message="${escapeXml(reason)}"`;
  const body =
    verdict === "fail"
      ? `<failure ${message}>${escapeXml(details.join("\n"))}</failure>`
      : `<skipped message="${escapeXml(`inconclusive: ${reason}`)}"/>`;
  return `${head}>\n      ${body}\n    </testcase>`;
}

/** For text and attributes. What XML 1.0 cannot hold at all is replaced. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
