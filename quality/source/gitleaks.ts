import { existsSync } from "node:fs";
import { join } from "node:path";
import { judged, most } from "../judge.ts";
import type { Judged, RepositorySubject } from "../types.ts";
import { failed, findProgram, inScratch, runTool } from "./program.ts";
import { figure, jsonOf, list, mapping, orNotRun, reportText, textOf } from "./read.ts";

const INSTALL =
  "put it on PATH, or name it in quality.yaml (tools.gitleaks); npm run quality:tools builds it of its Go module";

/**
 * Secrets in a repository: in all of its history, in a directory without one in its files.
 * https://github.com/gitleaks/gitleaks#usage
 */
export const gitleaks = (subject: RepositorySubject): Promise<Judged> =>
  orNotRun(() =>
    inScratch(async (scratch) => {
      const { dir, env, signal, settings, catalogDir, now } = subject;
      const file = findProgram("gitleaks", { named: settings.tools.gitleaks, catalogDir, env }, INSTALL);
      const report = join(scratch, "report.json");
      const how = existsSync(join(dir, ".git")) ? "git" : "dir";
      // --redact: a report holds no secret that could go on from here.
      const args = [how, dir, "--report-format", "json", "--report-path", report];
      const ended = await runTool(file, [...args, "--redact", "--no-banner", "--exit-code", "0"], {
        cwd: dir,
        env,
        signal,
      });
      if (ended.code !== 0) throw failed("gitleaks", ended);
      return readGitleaks(reportText(scratch, report, { now }), settings.thresholds.gitleaks.findings, dir);
    }),
  );

/** What a report of gitleaks says. @throws Unusable Pure. */
export function readGitleaks(text: string, limit: number, dir = ""): Judged {
  const findings = list(jsonOf(text, "the report"), "the report").map((one) => {
    const { RuleID, File, StartLine, Commit, Description } = mapping(one, "a finding");
    const at = textOf(Commit) === "" ? "" : ` in commit ${textOf(Commit).slice(0, 12)}`;
    const file = textOf(File);
    return {
      rule: textOf(RuleID),
      level: "error" as const,
      message: `${textOf(Description) || "a secret"}${at}`,
      file: dir !== "" && file.startsWith(`${dir}/`) ? file.slice(dir.length + 1) : file,
      line: StartLine === undefined ? undefined : figure(StartLine, "a line"),
    };
  });
  return judged([most("secrets", findings.length, limit)], findings);
}
