import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { writeDocument } from "../../fleet/change-set/index.ts";
import { type Report, renderReport } from "../../fleet/report/index.ts";

/**
 * Writes a report as Markdown and JSON, under the day on which the run began. The same run is written over; a second run of a day
 * gets its time, and one of the same minute its id, into its name.
 *
 * @returns the files
 * @throws SitefleetError `file.unwritable`
 */
export function writeReport(dir: string, report: Report): string[] {
  const { run, startedAt } = report;
  const day = startedAt.slice(0, 10);
  const names = [day, `${day}-${startedAt.slice(11, 16).replace(":", "")}`, `${day}-${run.replace(/[^\w.-]/g, "")}`];
  const bases = names.map((name) => join(dir, `deployment-${name}`));
  const base = bases.find((one) => isFree(`${one}.json`, run)) ?? (bases.at(-1) as string);
  try {
    // Where the directory above is there none is made on the way: Node's recursive form never ends in a place like /proc.
    if (!existsSync(dir)) mkdirSync(dir, { recursive: !existsSync(dirname(resolve(dir))) });
  } catch (error) {
    throw new SitefleetError({
      code: "file.unwritable",
      message: "the directory cannot be made",
      subject: dir,
      cause: error,
    });
  }
  const files = [`${base}.md`, `${base}.json`] as const;
  writeDocument(files[0], renderReport(report));
  writeDocument(files[1], `${JSON.stringify(report, null, 2)}\n`);
  return [...files];
}

/** There is no report in this place, or one of the same run. */
function isFree(file: string, run: string): boolean {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { run?: unknown } | null)?.run === run;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
