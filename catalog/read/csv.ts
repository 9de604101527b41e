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
  const records = parseRecords(file, text, report);
  const header = records.shift();
  if (!header) {
    report("file.empty", { file, line: 1, field: "file" }, "has no header", columns.join(","));
    return undefined;
  }
  if (!checkHeader(file, header, columns, report)) return undefined;
  const rows: CsvRow[] = [];
  for (const { line, record } of records) {
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
