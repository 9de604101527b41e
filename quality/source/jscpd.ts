import { isAbsolute, join, relative } from "node:path";
import { judged, most } from "../judge.ts";
import type { Finding, Judged, RepositorySubject } from "../types.ts";
import { failed, findProgram, inScratch, runTool } from "./program.ts";
import { figure, jsonOf, list, mapping, orNotRun, reportText, textOf, Unusable } from "./read.ts";

/** Duplicated lines of a working copy; what git ignores is left out. https://github.com/kucherenko/jscpd */
export const jscpd = (subject: RepositorySubject): Promise<Judged> =>
  orNotRun(() =>
    inScratch(async (scratch) => {
      const { dir, env, signal, settings, catalogDir, now } = subject;
      const places = { named: settings.tools.jscpd, catalogDir, dir, env };
      const file = findProgram("jscpd", places, "npm install --save-dev jscpd@4");
      const args = [".", "--reporters", "json", "--output", scratch, "--silent", "--gitignore"];
      const ended = await runTool(file, [...args, "--exitCode", "0", "--ignore", "**/node_modules/**,**/.git/**"], {
        cwd: dir,
        env,
        signal,
      });
      if (ended.code !== 0) throw failed("jscpd", ended);
      const text = reportText(scratch, join(scratch, "jscpd-report.json"), { now });
      return readJscpd(text, settings.thresholds.jscpd.percent, dir);
    }),
  );

/** What a report of jscpd says. @throws Unusable Pure. */
export function readJscpd(text: string, limit: number, dir = ""): Judged {
  const report = mapping(jsonOf(text, "the report"), "the report");
  const total = mapping(mapping(report.statistics, "the report").total, "the report");
  if (figure(total.sources, "sources") === 0) throw new Unusable("jscpd has looked at no file");
  const findings = list(report.duplicates, "the report").map((one): Finding => {
    const { firstFile, secondFile, lines } = mapping(one, "a duplicate");
    const [first, second] = [mapping(firstFile, "a duplicate"), mapping(secondFile, "a duplicate")];
    return {
      rule: "duplicate",
      level: "warning",
      message: `${String(lines)} lines as in ${inside(dir, textOf(second.name))}:${String(second.start)}`,
      file: inside(dir, textOf(first.name)),
      line: figure(first.start, "a line"),
    };
  });
  const percent = figure(total.percentage, "the share of duplicated lines");
  return judged([most("duplicated percent", percent, limit)], findings);
}

const inside = (dir: string, file: string): string => (isAbsolute(file) ? relative(dir, file) : file);
