import { judged, least } from "../judge.ts";
import type { Judged, RepositorySubject } from "../types.ts";
import { figure, orNotRun, reportText, Unusable } from "./read.ts";
import { attribute, children, xmlOf } from "./xml.ts";

/** Covered lines, from lcov, Clover or Cobertura: its form is told by what it holds. */
export const coverage = ({ dir, repository, settings, now }: RepositorySubject): Promise<Judged> =>
  orNotRun(async () => {
    const path = repository.reports.coverage ?? "";
    const text = reportText(dir, path, { freshHours: settings.reportHours, now });
    return readCoverage(text, settings.thresholds.coverage.lines);
  });

/** What a report of coverage says. @throws Unusable */
export async function readCoverage(text: string, limit: number): Promise<Judged> {
  const { covered, lines } = text.trimStart().startsWith("<") ? await fromXml(text) : fromLcov(text);
  if (lines === 0) throw new Unusable("the report counts no line");
  if (covered > lines) throw new Unusable(`the report covers ${covered} of ${lines} lines`);
  return judged([least("lines percent", (covered / lines) * 100, limit), { name: "lines", value: lines }]);
}

interface Counted {
  readonly covered: number;
  readonly lines: number;
}

/** https://github.com/linux-test-project/lcov: LF lines found, LH lines hit; a record ends with end_of_record. */
function fromLcov(text: string): Counted {
  const rows = text
    .split("\n")
    .map((row) => row.trim())
    .filter((row) => row !== "");
  if (!rows.some((row) => row.startsWith("SF:")))
    throw new Unusable("the report is neither lcov, Clover nor Cobertura");
  if (rows.at(-1) !== "end_of_record") throw new Unusable("the lcov report is cut off");
  const sum = (prefix: string) =>
    rows
      .filter((row) => row.startsWith(prefix))
      .reduce((all, row) => all + figure(row.slice(prefix.length), prefix), 0);
  return { covered: sum("LH:"), lines: sum("LF:") };
}

async function fromXml(text: string): Promise<Counted> {
  const root = children(await xmlOf(text, "the report"), "coverage")[0];
  if (root === undefined) throw new Unusable("the report is neither Clover nor Cobertura");
  const metrics = children(children(root, "project")[0], "metrics")[0];
  if (metrics !== undefined) {
    // Clover counts statements, which PHPUnit and istanbul write a line each.
    return {
      covered: figure(attribute(metrics, "coveredstatements"), "coveredstatements"),
      lines: figure(attribute(metrics, "statements"), "statements"),
    };
  }
  const [covered, lines] = [attribute(root, "lines-covered"), attribute(root, "lines-valid")];
  if (covered !== undefined && lines !== undefined)
    return { covered: figure(covered, "lines-covered"), lines: figure(lines, "lines-valid") };
  const rows = children(root, "packages")
    .flatMap((one) => children(one, "package"))
    .flatMap((one) => children(one, "classes"))
    .flatMap((one) => children(one, "class"))
    .flatMap((one) => children(one, "lines"))
    .flatMap((one) => children(one, "line"));
  return { covered: rows.filter((row) => figure(attribute(row, "hits"), "hits") > 0).length, lines: rows.length };
}
