import { lstatSync, readFileSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { notRun } from "../judge.ts";
import type { Judged } from "../types.ts";

/** Larger reports are refused before they are read, bytes. */
const LARGEST = 64 * 1024 * 1024;

/** A report cannot be used: broken, cut off, empty, too old. What it is about is not known then. */
export class Unusable extends Error {}

/** The text of a report. @param freshHours Older ones do not count; undefined: any age does. @throws Unusable */
export function reportText(
  dir: string,
  path: string,
  { freshHours, now }: { readonly freshHours?: number | undefined; readonly now: number },
): string {
  const file = resolve(dir, path);
  const shown = relative(dir, file) || path;
  let text: string;
  try {
    lstatSync(file);
    const { mtimeMs, size } = checked(file, shown);
    const hours = (now - mtimeMs) / 3_600_000;
    if (freshHours !== undefined && hours > freshHours)
      throw new Unusable(`${shown} is ${Math.round(hours)} hours old; at most ${freshHours} count`);
    if (size > LARGEST) throw new Unusable(`${shown} has ${size} bytes; at most ${LARGEST} are read`);
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Unusable) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new Unusable(code === "ENOENT" ? `there is no ${shown}` : `${shown} cannot be read (${code ?? "unknown"})`);
  }
  if (text.trim() === "") throw new Unusable(`${shown} is empty`);
  return text.replace(/^\uFEFF/, "");
}

function checked(file: string, shown: string): { readonly mtimeMs: number; readonly size: number } {
  const status = statSync(file);
  // A pipe would be waited for, without end.
  if (!status.isFile()) throw new Unusable(`${shown} is no file`);
  return status;
}

/** JSON of a report. @throws Unusable */
export function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unusable(`${what} is no JSON, or cut off`);
  }
}

/** A mapping; everything else is an unusable report. @throws Unusable */
export function mapping(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Unusable(`${what} has another form than expected`);
}

/** A list. @throws Unusable */
export function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Unusable(`${what} has another form than expected`);
}

/** A number that is 0 or more. @throws Unusable */
export function figure(value: unknown, what: string): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number) && number >= 0) return number;
  throw new Unusable(`${what} says no number`);
}

/** Text of a field, or nothing. Pure. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** What cannot be used is not known; all else is a defect. */
export async function orNotRun(work: () => Judged | Promise<Judged>): Promise<Judged> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Unusable) return notRun(error.message);
    throw error;
  }
}
