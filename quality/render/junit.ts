import type { QualityDocument, QualityResult } from "./document.ts";
import { nameOf, saidOf } from "./markdown.ts";

/** Findings of one check that a case holds. */
const SHOWN = 20;

/** A run as JUnit, a suite a subject and a case a check; what has not run is an error, not a case that was left out. Pure. */
export async function renderJunit({ at, results }: QualityDocument): Promise<string> {
  const { XMLBuilder } = await import("fast-xml-parser");
  const suites = [...Map.groupBy(results, nameOf)].map(([name, of]) => ({
    "@name": name,
    "@timestamp": at.slice(0, 19),
    ...countsOf(of),
    testcase: of.map((one) => caseOf(name, one)),
  }));
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  const root = { "@name": "sitefleet quality", ...countsOf(results), testsuite: suites };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({ testsuites: root })}`;
}

const countsOf = (results: readonly QualityResult[]) => ({
  "@tests": String(results.length),
  "@failures": String(results.filter(({ state }) => state === "fail").length),
  "@errors": String(results.filter(({ state }) => state === "not-run").length),
  "@time": results.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
});

function caseOf(name: string, one: QualityResult): object {
  const head = { "@classname": name, "@name": one.check, "@time": one.seconds.toFixed(3) };
  if (one.state === "pass") return head;
  const text = one.findings.slice(0, SHOWN).map(({ rule, message, file, line }) => {
    return `${rule}: ${message}${file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`}`;
  });
  const said = { "@message": saidOf(one), "#text": text.join("\n") };
  return one.state === "fail" ? { ...head, failure: said } : { ...head, error: said };
}
