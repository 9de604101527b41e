import { basename, extname } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import {
  type ChangeSet,
  changeSetJson,
  renderHtml,
  renderMarkdown,
  renderTerminal,
  writeDocument,
} from "../../fleet/change-set/index.ts";
import { coloursFor, forData } from "./style.ts";

/** Forms of a change set. */
export const FORMATS = ["terminal", "markdown", "json", "html"] as const;
/** A form of a change set. */
export type Format = (typeof FORMATS)[number];

const BY_ENDING: Readonly<Record<string, Format>> = {
  ".md": "markdown",
  ".json": "json",
  ".html": "html",
  ".htm": "html",
  ".txt": "terminal",
};

/** Reads `--format`. @throws SitefleetError `usage` */
export function readFormat(text: string): Format {
  const found = FORMATS.find((format) => format === text);
  if (found !== undefined) return found;
  throw new SitefleetError({ code: "usage", message: `--format takes ${FORMATS.join(", ")}, not ${text}` });
}

/** The form of a file: as asked for, else by its ending, else JSON. */
function formatOf(file: string, asked: Format | undefined): Format {
  return asked ?? BY_ENDING[extname(file).toLowerCase()] ?? "json";
}

/** The change set in one form. Colours only where stdout is a terminal and the text goes there. */
export function renderChangeSet(set: ChangeSet, format: Format, full?: string, toFile = false): string {
  const pointer = full === undefined ? {} : { full };
  if (format === "json") return changeSetJson(set);
  if (format === "html") return renderHtml(set);
  if (format === "markdown") return renderMarkdown(set, pointer);
  return `${renderTerminal(set, { colours: toFile ? PLAIN : forData, ...pointer })}\n`;
}

const PLAIN = coloursFor({ isTTY: false } as NodeJS.WriteStream);

/** Writes the document into every file. `link` is where readers of a shortened form find the full one. */
export function writeChangeSet(
  set: ChangeSet,
  files: readonly string[],
  asked: Format | undefined,
  link: string | undefined,
): void {
  // Files of a run travel together: their folder is this machine's.
  const beside = fullFile(files, asked);
  const full = link ?? (beside === undefined ? undefined : basename(beside));
  for (const file of files) writeDocument(file, renderChangeSet(set, formatOf(file, asked), full, true));
}

/** The file among these that leaves nothing out: a page before JSON, since people are pointed to it. */
export function fullFile(files: readonly string[], asked: Format | undefined): string | undefined {
  const find = (format: Format) => files.find((file) => formatOf(file, asked) === format);
  return find("html") ?? find("json");
}
