import { join, relative } from "node:path";
import { judged, most } from "../judge.ts";
import type { Finding, Judged, RepositorySubject } from "../types.ts";
import { failed, findProgram, inScratch, runTool } from "./program.ts";
import { figure, jsonOf, list, mapping, orNotRun, reportText, textOf, Unusable } from "./read.ts";

/** ESLint with the working copy's own configuration. https://eslint.org/docs/latest/use/command-line-interface */
export const eslint = (subject: RepositorySubject): Promise<Judged> =>
  orNotRun(() =>
    inScratch(async (scratch) => {
      const { dir, env, signal, settings, catalogDir, now } = subject;
      const places = { named: settings.tools.eslint, catalogDir, dir, env };
      const file = findProgram("eslint", places, "npm install --save-dev eslint");
      const report = join(scratch, "report.json");
      const ended = await runTool(file, [".", "--format", "json", "--output-file", report], { cwd: dir, env, signal });
      // 1: it ran, and found errors. 2: its configuration or it itself is broken.
      if (ended.code > 1) throw failed("eslint", ended);
      return readEslint(reportText(scratch, report, { now }), settings.thresholds.eslint.errors, dir);
    }),
  );

/** What ESLint's JSON says. @throws Unusable Pure. */
export function readEslint(text: string, limit: number, dir = ""): Judged {
  const files = list(jsonOf(text, "the report"), "the report");
  if (files.length === 0) throw new Unusable("eslint has looked at no file");
  let errors = 0;
  const findings = files.flatMap((one): Finding[] => {
    const { filePath, errorCount, messages } = mapping(one, "a file");
    errors += figure(errorCount, "errorCount");
    return list(messages, "a file").map((said) => {
      const { ruleId, severity, message, line } = mapping(said, "a message");
      const path = textOf(filePath);
      return {
        rule: textOf(ruleId) || "syntax",
        level: severity === 2 ? "error" : "warning",
        message: textOf(message),
        file: dir === "" ? path : relative(dir, path),
        line: typeof line === "number" ? line : undefined,
      };
    });
  });
  findings.sort((a, b) => Number(a.level !== "error") - Number(b.level !== "error"));
  return judged([most("errors", errors, limit)], findings);
}
