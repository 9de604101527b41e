import { readFileSync } from "node:fs";
import { type Document, LineCounter, parseDocument } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import { answersSchema, type WrittenAnswers } from "../../operations/init/answers.ts";

/**
 * Reads a file of answers.
 *
 * @param file `-` is stdin
 * @throws SitefleetError `init.answers` with file, line and field of everything that is wrong
 */
export function readAnswers(file: string): WrittenAnswers {
  const name = file === "-" ? "stdin" : file;
  const refused = (
    details: string[],
    message = `${details.length === 1 ? "an answer is" : `${details.length} answers are`} wrong`,
  ) =>
    new SitefleetError({
      code: "init.answers",
      message,
      subject: name,
      details,
      hint: "docs/guides/bring-up-an-estate.md has the form of the file",
    });
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw refused([], `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const lineCounter = new LineCounter();
  const document = documentOf(text, lineCounter);
  if (document === undefined) throw refused([], "is nested too deeply");
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  if (document.errors.length > 0)
    throw refused(
      document.errors.map(({ pos }) => `${name}:${lineAt(pos[0])}: is not YAML`),
      "is not YAML",
    );
  const value = plainOf(document);
  if (value === undefined) throw refused([], "holds an alias that leads to itself, or too many");
  const parsed = answersSchema.safeParse(value);
  if (parsed.success) return value as WrittenAnswers;
  throw refused(
    parsed.error.issues.map(({ path, message }) => {
      const keys = path.filter((part) => typeof part !== "symbol");
      return `${name}:${lineOf(keys)}: ${keys.join(".") || "file"}: ${message}`;
    }),
  );

  /** Line of the answer, or of the nearest one above it that is written. */
  function lineOf(keys: readonly (string | number)[]): number {
    for (let length = keys.length; length >= 0; length -= 1) {
      const node = document?.getIn(keys.slice(0, length), true) as
        | { range?: [number, number, number] | null }
        | undefined;
      if (node?.range) return lineAt(node.range[0]);
    }
    return 1;
  }
}

/** Undefined when the parser gives up: brackets nested by the thousand exhaust its stack. */
function documentOf(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } catch {
    return undefined;
  }
}

/** The plain value; undefined where aliases make it endless. */
function plainOf(document: Document): unknown {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
    JSON.stringify(value);
    return value;
  } catch {
    return undefined;
  }
}
