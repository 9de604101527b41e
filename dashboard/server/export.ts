import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { reasonOf } from "../../errors/reason.ts";
import { writeAtomically } from "../../fleet/backend/store/state-dir.ts";
import type { Overview } from "../../fleet/overview/index.ts";
import { Frame } from "../view/frame.ts";
import { h } from "../view/h.ts";
import { Snapshot } from "../view/snapshot.ts";
import { styleText } from "./assets.ts";
import { render } from "./render.js";

/**
 * Writes a snapshot that a browser reads without a program: `index.html`, `style.css`, and the document as `overview.json`.
 *
 * @param dir is made when it is not there
 * @returns the files
 * @throws SitefleetError `file.unwritable`
 */
export function exportTo(dir: string, overview: Overview): string[] {
  const title = `sitefleet ${overview.target}, ${overview.at}`;
  const page = render(h(Frame, { title }, h(Snapshot, { overview })));
  const files: readonly (readonly [string, string])[] = [
    ["index.html", `<!doctype html>\n${page}\n`],
    ["style.css", styleText()],
    ["overview.json", `${JSON.stringify(overview)}\n`],
  ];
  try {
    mkdirSync(dir, { recursive: true });
    return files.map(([name, text]) => {
      const file = join(dir, name);
      writeAtomically(file, text);
      return file;
    });
  } catch (cause) {
    throw new SitefleetError({
      code: "file.unwritable",
      message: `the snapshot cannot be written: ${reasonOf(cause)}`,
      subject: dir,
      hint: "name a directory that can be written",
      cause,
    });
  }
}
