import { type CsvError, type InfoRecord, parse } from "csv-parse/sync";
import { type Report, show } from "../problem.ts";

/** A row of a CSV file by column. */
export interface CsvRow {
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Parses a CSV file with a header. Lines that begin with `#` are comments, blank lines are skipped, columns may stand in
 * any order. Rows with a wrong number of values or a line break in a value are reported and left out.
 * @returns undefined when the header is unusable
 */
export function readCsv(file: string, text: string, columns: readonly string[], report: Report): CsvRow[] | undefined {
  const other = otherSeparator(text, columns);
  if (other !== undefined) {
    const [line, name] = other;
    report("file.column", { file, line, field: "header" }, `is separated by ${name}`, `commas: ${columns.join(",")}`);
    return undefined;
  }
  const records = parseRecords(file, text, report);
  const header = records.shift();
  if (!header) {
    report("file.empty", { file, line: 1, field: "file" }, "has no header", columns.join(","));
    return undefined;
  }
  if (!checkHeader(file, header, columns, report)) return undefined;
  const rows: CsvRow[] = [];
  const isEmpty = ({ record }: Located) => record.every((value) => value === "");
  reportEmpty(file, records.filter(isEmpty), report);
  for (const { line, record } of records.filter((one) => !isEmpty(one))) {
    if (record.length !== header.record.length) {
      const wrong = `has ${record.length} values`;
      report("file.column", { file, line, field: "row" }, wrong, `${header.record.length}, as many as columns`);
      continue;
    }
    const values: Record<string, string> = {};
    let broken = false;
    for (const [index, column] of header.record.entries()) {
      const value = record[index] ?? "";
      if (value.includes("\n")) {
        report("file.value", { file, line, field: column }, `${show(value)} has a line break`, "one line");
        broken = true;
      }
      values[column] = value;
    }
    if (!broken) rows.push({ line, values });
  }
  return rows;
}

/** Separators that spreadsheets write in place of commas, by what people call them. */
const SEPARATORS = [
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "vertical bars"],
] as const;

/** Where the header is one value by commas and names columns by another separator: its line, and that one's name. */
function otherSeparator(text: string, columns: readonly string[]): [line: number, name: string] | undefined {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("#"));
  const header = lines[index] ?? "";
  if (header.includes(",")) return undefined;
  for (const [separator, name] of SEPARATORS) {
    const words = header.split(separator).map((word) => word.trim().replace(/^"(.*)"$/, "$1"));
    if (words.filter((word) => columns.includes(word)).length >= 2) return [index + 1, name];
  }
  return undefined;
}

/** Rows of commas alone, as spreadsheets leave them, in one problem. */
function reportEmpty(file: string, empty: readonly Located[], report: Report): void {
  const [first] = empty;
  if (first === undefined) return;
  const lines = empty.map(({ line }) => line);
  const more = lines.length > MANY ? `, … (${lines.length} rows)` : "";
  const wrong = `holds nothing but commas${lines.length === 1 ? "" : `, as do lines ${lines.slice(1, MANY).join(", ")}${more}`}`;
  report("file.empty", { file, line: first.line, field: "row" }, wrong, "rows with values: delete the others");
}

/** Lines that a problem names. */
const MANY = 6;

interface Located {
  readonly line: number;
  readonly record: readonly string[];
}

function parseRecords(file: string, text: string, report: Report): Located[] {
  const located: Located[] = [];
  let reached = 0;
  const skipped = (error: CsvError | undefined) => {
    // The parser names the last line of the file when a quote is never closed; the row begins after the last good one.
    const open = error?.code === "CSV_QUOTE_NOT_CLOSED";
    const line = open ? reached + 1 : Number(error?.lines ?? 1);
    reached = Math.max(reached, line);
    const wrong = open ? "has a quote that is never closed" : "has a quote inside a value";
    report(
      "file.syntax",
      { file, line, field: "row" },
      wrong,
      "a value with quotes is quoted itself, and its quotes are doubled",
    );
    return undefined;
  };
  parse(text, {
    comment: "#",
    comment_no_infix: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    record_delimiter: "\n",
    on_skip: skipped,
    on_record: (record: string[], info: InfoRecord) => {
      reached = info.lines;
      const breaks = record.reduce(
        (count, value) => count + (value.includes("\n") ? value.split("\n").length - 1 : 0),
        0,
      );
      located.push({ line: info.lines - breaks, record });
      return null;
    },
  });
  return located;
}

function checkHeader(file: string, header: Located, columns: readonly string[], report: Report): boolean {
  const place = (column: string) => ({ file, line: header.line, field: column === "" ? "header" : column });
  let usable = true;
  for (const [index, column] of header.record.entries()) {
    if (header.record.indexOf(column) < index) {
      report("file.column", place(column), "stands twice in the header", "each column once");
      usable = false;
    } else if (!columns.includes(column)) {
      report("file.unknown-key", place(""), `${show(column)} is no known column`, `one of ${columns.join(", ")}`);
    }
  }
  for (const column of columns.filter((name) => !header.record.includes(name))) {
    report("file.column", place(column), "is missing from the header", columns.join(","));
    usable = false;
  }
  return usable;
}
