import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { z } from "zod";
import { SitefleetError } from "../../../errors/index.ts";

/** Requests of one hour, of one zone or of all. */
export interface TrafficRow {
  /** Start of the hour, ms since 1970. */
  readonly hour: number;
  /** Empty = not known. */
  readonly zone: string;
  readonly requests: number;
}

const HOUR = 3_600_000;
const number = z.coerce.number().nonnegative();
const csvRow = z.object({ hour: z.string(), zone: z.string().default(""), requests: number });
const usage = z.union([z.array(z.unknown()), z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data)]);

/**
 * Reads hourly traffic: CSV with the columns `hour` (ISO 8601, UTC), `zone` (optional) and `requests`, or the rows of the
 * usage API as JSON (a list, or `{ data: […] }`, each with `hour` and `requests`).
 *
 * @throws SitefleetError `traffic.invalid` with a line for every row that is wrong
 */
export function readTraffic(file: string): TrafficRow[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new SitefleetError({
      code: "traffic.invalid",
      message: "the traffic data cannot be read",
      subject: file,
      cause,
    });
  }
  return parseTraffic(text, file);
}

/** The same from text. Pure. @throws SitefleetError `traffic.invalid` */
export function parseTraffic(text: string, file = "traffic"): TrafficRow[] {
  const problems: string[] = [];
  const rows = rowsOf(text, file).flatMap((raw, index): TrafficRow[] => {
    const row = csvRow.safeParse(raw);
    const hour = row.success ? Date.parse(utc(row.data.hour)) : Number.NaN;
    if (row.success && !Number.isNaN(hour)) {
      return [{ hour: Math.floor(hour / HOUR) * HOUR, zone: row.data.zone, requests: row.data.requests }];
    }
    problems.push(`row ${index + 1}: needs hour (ISO 8601) and requests (a number from 0 on)`);
    return [];
  });
  if (problems.length === 0) return rows;
  const more = problems.length > 10 ? [...problems.slice(0, 10), `and ${problems.length - 10} more`] : problems;
  throw new SitefleetError({
    code: "traffic.invalid",
    message: "the traffic data is not usable",
    subject: file,
    details: more,
  });
}

/** A time without a zone is UTC, as the file is said to be; JavaScript would take it for this machine's. Pure. */
const utc = (text: string): string =>
  /^\d{4}-\d\d-\d\d[T ]\d\d(:\d\d){0,2}(\.\d+)?$/.test(text) ? `${withMinutes(text)}Z` : text;
const withMinutes = (text: string): string => (/[T ]\d\d$/.test(text) ? `${text}:00` : text);

function rowsOf(text: string, file: string): unknown[] {
  try {
    if (/^\s*[[{]/.test(text)) return usage.parse(JSON.parse(text));
    return parse(text, { columns: true, skip_empty_lines: true, trim: true, bom: true });
  } catch (cause) {
    const message = "the traffic data is neither CSV with a head nor JSON rows";
    throw new SitefleetError({ code: "traffic.invalid", message, subject: file, cause });
  }
}
