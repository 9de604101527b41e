import { judged, least, most } from "../judge.ts";
import type { Finding, Judged, RepositorySubject } from "../types.ts";
import { figure, orNotRun, reportText, Unusable } from "./read.ts";
import { attribute, children, type Element, xmlOf } from "./xml.ts";

/** Tests of every kind, as JUnit reports have them. */
export const tests = ({ dir, repository, settings, now }: RepositorySubject): Promise<Judged> =>
  orNotRun(async () => {
    const at = { freshHours: settings.reportHours, now };
    const texts = repository.reports.tests.map((path) => ({ path, text: reportText(dir, path, at) }));
    return readJunit(texts, settings.thresholds.tests.failed);
  });

/** What JUnit reports say together. @throws Unusable */
export async function readJunit(
  texts: readonly { readonly path: string; readonly text: string }[],
  limit: number,
): Promise<Judged> {
  const findings: Finding[] = [];
  let [cases, skipped, failures] = [0, 0, 0];
  for (const { path, text } of texts) {
    const root = await xmlOf(text, path);
    const suites = [
      ...children(root, "testsuites").flatMap((one) => children(one, "testsuite")),
      ...children(root, "testsuite"),
    ];
    const roots = [...children(root, "testsuites"), ...children(root, "testsuite")];
    if (roots.length === 0) throw new Unusable(`${path} is no JUnit report`);
    const found = suites.flatMap(casesOf);
    // A report that says more than it holds was cut off, or its run was.
    for (const one of roots) {
      const said = attribute(one, "tests");
      const held = casesOf(one).length;
      if (said !== undefined && figure(said, "tests") > held)
        throw new Unusable(`${path} says ${said} tests and holds ${held}`);
    }
    const errors = suites.filter(
      (one) => children(one, "testcase").length === 0 && figure(attribute(one, "errors") ?? 0, "errors") > 0,
    );
    failures += errors.length;
    for (const one of errors)
      findings.push({
        rule: "error",
        level: "error",
        message: `${attribute(one, "name") ?? "a suite"} could not be loaded`,
        file: attribute(one, "file"),
      });
    for (const one of found) {
      cases++;
      const wrong = [...children(one, "failure"), ...children(one, "error")][0];
      if (children(one, "skipped").length > 0) skipped++;
      if (wrong === undefined) continue;
      failures++;
      const name = [attribute(one, "classname"), attribute(one, "name")].filter(Boolean).join(" ");
      findings.push({
        rule: "failure",
        level: "error",
        message: `${name}: ${attribute(wrong, "message") ?? String(wrong["#text"] ?? "")}`,
        file: attribute(one, "file"),
        line: Number(attribute(one, "line")) || undefined,
      });
    }
  }
  if (cases === 0 && failures === 0) throw new Unusable("no test ran");
  if (cases > 0 && cases === skipped) throw new Unusable("every test was skipped");
  return judged(
    [most("failed", failures, limit), least("tests", cases, 1), { name: "skipped", value: skipped }],
    findings,
  );
}

/** Cases of a suite and of those inside it. Pure. */
function casesOf(suite: Element): Element[] {
  return [...children(suite, "testcase"), ...children(suite, "testsuite").flatMap(casesOf)];
}
