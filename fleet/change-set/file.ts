import { accessSync, constants, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { SitefleetError } from "../../errors/index.ts";
import { changeSetDigest } from "./digest.ts";
import { type ChangeSet, changeSetShape } from "./shape.ts";

/** The document as JSON, one change a line: it can be compared and searched line by line. Ends with a newline. Pure. */
export function changeSetJson(set: ChangeSet): string {
  const lines = (items: readonly unknown[]) =>
    items.length === 0 ? "[]" : `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(",\n")}\n  ]`;
  const given = Object.entries(set).filter(([, value]) => value !== undefined);
  const fields = given.map(([key, value]) => {
    const text = Array.isArray(value) ? lines(value) : JSON.stringify(value);
    return `  ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}

/**
 * Reads a change set document that `sitefleet preview --out` wrote.
 *
 * @throws SitefleetError `change-set.unreadable`, `change-set.invalid` (with every problem), `change-set.digest` when its
 *   content is not what its digest says
 */
export function readChangeSet(file: string): ChangeSet {
  const set = parseChangeSet(readText(file), file);
  if (changeSetDigest(set) === set.digest) return set;
  throw new SitefleetError({
    code: "change-set.digest",
    message: "the content does not match the digest: the file was changed after the preview",
    subject: file,
    hint: "make it again: sitefleet preview --out FILE",
  });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SitefleetError({
      code: "change-set.unreadable",
      message: "the change set cannot be read",
      subject: file,
      hint: "make one: sitefleet preview --out FILE",
      cause,
    });
  }
}

function parseChangeSet(text: string, file: string): ChangeSet {
  const invalid = (details: string[]) =>
    new SitefleetError({
      code: "change-set.invalid",
      message: "this is no change set document of version 1",
      subject: file,
      details,
      hint: "it must be the JSON form: sitefleet preview --format json --out FILE",
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(["not JSON"]);
  }
  const result = changeSetShape.safeParse(value);
  if (result.success) return result.data;
  throw invalid(result.error.issues.slice(0, 20).map(problem));
}

/** Where and what, never the value that stands there. */
function problem({ path, message }: z.core.$ZodIssue): string {
  return `${path.join(".") || "document"}: ${message}`;
}

/** Asks before a long run whether its documents can be written after it. @throws SitefleetError `file.unwritable` */
export function checkWritable(files: readonly string[]): void {
  for (const file of files) {
    try {
      accessSync(dirname(file), constants.W_OK);
    } catch (cause) {
      throw unwritable(file, cause);
    }
  }
}

/** Writes a document so that a reader never sees half of it. @throws SitefleetError `file.unwritable` */
export function writeDocument(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function unwritable(file: string, cause: unknown): SitefleetError {
  const message = `the file cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new SitefleetError({ code: "file.unwritable", message, subject: file, cause });
}
