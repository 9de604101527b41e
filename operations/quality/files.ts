import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { writeDocument } from "../../fleet/change-set/index.ts";
import { type QualityDocument, renderJunit, renderMarkdown, renderSarif } from "../../quality/index.ts";

/** Writes a run in every form. @returns the files @throws SitefleetError `file.unwritable` */
export async function writeQuality(dir: string, run: QualityDocument): Promise<string[]> {
  try {
    // Where the directory above is there none is made on the way: Node's recursive form never ends in a place like /proc.
    if (!existsSync(dir)) mkdirSync(dir, { recursive: !existsSync(dirname(resolve(dir))) });
  } catch (cause) {
    const message = "the directory cannot be made";
    throw new SitefleetError({ code: "file.unwritable", message, subject: dir, cause });
  }
  const texts = {
    "quality.json": `${JSON.stringify(run, null, 2)}\n`,
    "quality.md": renderMarkdown(run),
    "quality.sarif": `${JSON.stringify(renderSarif(run), null, 2)}\n`,
    "quality.junit.xml": await renderJunit(run),
  };
  return Object.entries(texts).map(([name, text]) => {
    writeDocument(join(dir, name), text);
    return join(dir, name);
  });
}
