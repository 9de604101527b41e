import { judged, least, most } from "../judge.ts";
import type { Finding, Judged, RepositorySubject } from "../types.ts";
import { figure, jsonOf, list, mapping, orNotRun, reportText, textOf, Unusable } from "./read.ts";

/** Trivy's own JSON report: https://trivy.dev/docs/latest/configuration/reporting/ */
export const trivy = ({ dir, repository, settings, now }: RepositorySubject): Promise<Judged> =>
  orNotRun(() => {
    const text = reportText(dir, repository.reports.trivy ?? "", { freshHours: settings.reportHours, now });
    return readTrivy(text, settings.thresholds.trivy.high);
  });

const GRAVE = new Set(["HIGH", "CRITICAL"]);

/** What a report of Trivy says: vulnerabilities, misconfigurations and secrets of severity HIGH or CRITICAL. @throws Unusable Pure. */
export function readTrivy(text: string, limit: number): Judged {
  const report = mapping(jsonOf(text, "the report"), "the report");
  if (figure(report.SchemaVersion, "SchemaVersion") !== 2)
    throw new Unusable("the report has a form that is not known");
  if (textOf(report.ArtifactName) === "") throw new Unusable("the report does not say what was looked at");
  const findings = list(report.Results ?? [], "Results").flatMap((one): Finding[] => {
    const { Target, Vulnerabilities, Misconfigurations, Secrets } = mapping(one, "a result");
    const all = [Vulnerabilities, Misconfigurations, Secrets].flatMap((part) => list(part ?? [], "a result"));
    return all.flatMap((found): Finding[] => {
      const { Severity, Status, VulnerabilityID, ID, RuleID, Title, PkgName, InstalledVersion } = mapping(
        found,
        "a finding",
      );
      if (!GRAVE.has(textOf(Severity)) || Status === "PASS") return [];
      const of = PkgName === undefined ? "" : ` (${textOf(PkgName)} ${textOf(InstalledVersion)})`;
      const rule = textOf(VulnerabilityID) || textOf(ID) || textOf(RuleID);
      return [
        { rule, level: "error", message: `${textOf(Severity)}: ${textOf(Title) || rule}${of}`, file: textOf(Target) },
      ];
    });
  });
  return judged([most("high or critical", findings.length, limit)], findings);
}

/** PHPStan's JSON, and the level that its configuration names. https://phpstan.org/user-guide/output-format */
export const phpstan = ({ dir, repository, settings, now }: RepositorySubject): Promise<Judged> =>
  orNotRun(() => {
    const { reports } = repository;
    const text = reportText(dir, reports.phpstan ?? "", { freshHours: settings.reportHours, now });
    return readPhpstan(text, reportText(dir, reports.phpstanConfig, { now }), settings.thresholds.phpstan);
  });

/** What PHPStan says. @param config phpstan.neon @throws Unusable Pure. */
export function readPhpstan(
  text: string,
  config: string,
  { level, errors }: { readonly level: number; readonly errors: number },
): Judged {
  const written = /^[ \t]+level:[ \t]*['"]?(\d+|max)\b/m.exec(config)?.[1];
  if (written === undefined) throw new Unusable("the configuration of PHPStan names no level");
  const report = mapping(jsonOf(text, "the report"), "the report");
  const totals = mapping(report.totals, "the report");
  const general = list(report.errors ?? [], "errors").map(
    (message): Finding => ({ rule: "phpstan", level: "error", message: String(message) }),
  );
  // An empty list in place of a mapping is what PHP writes of an empty array.
  const files = Array.isArray(report.files) && report.files.length === 0 ? {} : mapping(report.files, "files");
  const inFiles = Object.entries(files).flatMap(([file, one]) =>
    list(mapping(one, "a file").messages, "a file").map((said): Finding => {
      const { message, line, identifier } = mapping(said, "a message");
      return {
        rule: textOf(identifier) || "phpstan",
        level: "error",
        message: textOf(message),
        file,
        line: Number(line) || undefined,
      };
    }),
  );
  const found = figure(totals.errors, "totals.errors") + figure(totals.file_errors, "totals.file_errors");
  if (found > general.length + inFiles.length)
    throw new Unusable(`the report says ${found} errors and holds ${general.length + inFiles.length}`);
  const ran = written === "max" ? 10 : Number(written);
  return judged([most("errors", found, errors), least("level", ran, level)], [...general, ...inFiles]);
}
