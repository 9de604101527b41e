import {
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import { type Path, type Place, type Report, show } from "../problem.ts";

/** A parsed YAML file: its plain value, and the place of every value in it. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** Place of a value by path; the line of the nearest parent when the value is not written. */
  place(path: Path): Place;
  /** A plain value that YAML takes for a number, as it is written; undefined for everything else. */
  written(path: Path): string | undefined;
}

/** What a text says: plain data. */
export interface ParsedYaml {
  readonly value: unknown;
  /** Lines of values by path, see {@link keyOf}. */
  readonly lines: ReadonlyMap<string, number>;
  /** Numbers as they are written, by path. */
  readonly numbers: ReadonlyMap<string, string>;
}

/** A text that was parsed, as the file that it is; undefined when there is none. */
export function yamlFile(file: string, parsed: ParsedYaml | undefined): YamlFile | undefined {
  if (parsed === undefined) return undefined;
  const { value, lines, numbers } = parsed;
  return { file, value, place: placer(file, lines), written: (path) => numbers.get(keyOf(path)) };
}

const placer =
  (file: string, lines: ReadonlyMap<string, number>) =>
  (path: Path): Place => ({ file, line: nearestLine(lines, path), field: fieldOf(path) });

/** Parses a text, see {@link parseYaml}, as the file that it is. */
export const readYaml = (file: string, text: string, report: Report): YamlFile | undefined =>
  yamlFile(file, parseYaml(file, text, report));

/**
 * Parses YAML 1.2. All syntax errors and duplicate keys are reported. Aliases are refused: a value that stands elsewhere
 * has no line of its own to report. After a syntax error the value is unusable and undefined is returned.
 */
export function parseYaml(file: string, text: string, report: Report): ParsedYaml | undefined {
  const counter = new LineCounter();
  // Duplicate keys are looked for below, where their path is known.
  const document = parse(text, counter);
  if (!document) {
    report("file.syntax", { file, line: 1, field: "file" }, "is nested too deeply", "YAML 1.2");
    return undefined;
  }
  for (const error of [...document.errors, ...document.warnings]) {
    report(
      "file.syntax",
      { file, line: lineAt(counter, error.pos[0]), field: "file" },
      `is not YAML: ${WORDS[error.code] ?? "it cannot be parsed here"}`,
      "YAML 1.2",
    );
  }
  if (document.errors.length + document.warnings.length > 0) return undefined;
  if (document.contents === null) {
    report(
      "file.empty",
      { file, line: 1, field: "file" },
      "has only comments",
      "see docs/reference/catalog.md for its form",
    );
    return undefined;
  }
  const lines = new Map<string, number>();
  const numbers = new Map<string, string>();
  const place = placer(file, lines);
  const walk = walker(counter, { lines, numbers }, (rule, path, wrong, allowed) =>
    report(rule, place(path), wrong, allowed),
  );
  const value = walk(document.contents as Node, []);
  return { value, lines, numbers };
}

/** Undefined when the parser gives up: brackets nested by the thousand exhaust its stack. */
function parse(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false });
  } catch {
    return undefined;
  }
}

/** The parser's own messages repeat the text, which may be a secret or move a terminal's cursor. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: "an alias without its anchor",
  BAD_DIRECTIVE: "a line that begins with % is a directive",
  BAD_DQ_ESCAPE: "an escape in double quotes that YAML does not know",
  BAD_INDENT: "the indentation does not fit what is around it",
  BAD_SCALAR_START: "a plain value cannot begin with this sign; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a mapping within a line; put the value in quotes, or begin a new line",
  BLOCK_IN_FLOW: "a block inside { } or [ ]",
  KEY_OVER_1024_CHARS: "a key of more than 1024 characters",
  MISSING_CHAR: "a bracket, comma, colon, quote or space is missing",
  MULTILINE_IMPLICIT_KEY: "a key over several lines, or a colon is missing",
  MULTIPLE_DOCS: "a second document begins; one document a file",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  TAB_AS_INDENT: "a tab as indentation",
  TAG_RESOLVE_FAILED: "a tag (!…) that is not known",
  UNEXPECTED_TOKEN: "something that does not belong here",
};

type PathReport = (
  rule: "file.duplicate-key" | "file.alias" | "file.syntax",
  path: Path,
  wrong: string,
  allowed: string,
) => void;

/** What is noted of a file's values by their path. */
interface Notes {
  readonly lines: Map<string, number>;
  readonly numbers: Map<string, string>;
}

function walker(counter: LineCounter, { lines, numbers }: Notes, report: PathReport) {
  const note = (path: Path, node: Node | null | undefined) => {
    const start = node?.range?.[0];
    if (start !== undefined) lines.set(keyOf(path), lineAt(counter, start));
  };
  const walk = (node: Node | null | undefined, path: Path): unknown => {
    if (!lines.has(keyOf(path))) note(path, node);
    if (isScalar(node)) {
      if (typeof node.value === "number" && node.source !== undefined) numbers.set(keyOf(path), node.source);
      return typeof node.value === "bigint" ? String(node.value) : node.value;
    }
    if (isSeq(node)) return node.items.map((item, index) => walk(item as Node, [...path, index]));
    if (isMap(node)) return mapping(node.items as Pair<Node, Node>[], path);
    if (isAlias(node)) report("file.alias", path, `is an alias (*${node.source})`, "the value itself");
    return null;
  };
  const mapping = (items: Pair<Node, Node>[], path: Path): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    const seen = new Map<string, number>();
    for (const { key, value } of items) {
      const name = keyText(key);
      if (name === undefined || name === "__proto__") {
        note([...path, "?"], key);
        report("file.syntax", [...path, "?"], "has a key that is no text", "a plain key");
        continue;
      }
      const below = [...path, name];
      const line = lineAt(counter, key.range?.[0] ?? 0);
      const first = seen.get(name);
      if (first !== undefined) {
        // The second one's place is noted under a path of its own, so that the first keeps its line.
        lines.set(keyOf([...below, "\u0001again"]), line);
        report(
          "file.duplicate-key",
          [...below, "\u0001again"],
          `stands a second time, first in line ${first}`,
          "one of them",
        );
        continue;
      }
      seen.set(name, line);
      lines.set(keyOf(below), line);
      // Never assignment: a key `__proto__` would change the object's prototype.
      Object.defineProperty(result, name, {
        value: walk(value, below),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return result;
  };
  return walk;
}

/** A key as it is written: `0123` and `1e3` are numbers to YAML, and names to us. */
function keyText(key: Node): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function lineAt(counter: LineCounter, offset: number): number {
  return Math.max(1, counter.linePos(offset).line);
}

function keyOf(path: Path): string {
  return path.map((part) => `${typeof part === "number" ? "#" : "."}${part}`).join("\0");
}

function nearestLine(lines: ReadonlyMap<string, number>, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const line = lines.get(keyOf(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

/** `zones[0].records[2].ttl`; `file` for the whole. */
function fieldOf(path: Path): string {
  let text = "";
  for (const part of path) {
    if (part === "\u0001again") continue;
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${show(part)}]`;
  }
  return text === "" ? "file" : text;
}
