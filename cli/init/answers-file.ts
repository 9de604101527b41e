import { readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
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
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  if (document.errors.length > 0)
    throw refused(
      document.errors.map(({ pos }) => `${name}:${lineAt(pos[0])}: is not YAML`),
      "is not YAML",
    );
  const value: unknown = document.toJS() ?? {};
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
      const node = document.getIn(keys.slice(0, length), true) as
        | { range?: [number, number, number] | null }
        | undefined;
      if (node?.range) return lineAt(node.range[0]);
    }
    return 1;
  }
}
