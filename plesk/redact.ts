import type { DeployDocumentInput } from "./input.ts";

/** Values shorter than this are not taken out: they would take half of every text with them (and hold no secret worth the name). */
const SHORTEST = 6;

/**
 * Makes the function that takes a document's secrets out of any text that leaves the driver. Works on the document as it was
 * read, since an invalid one may hold secrets too.
 */
export function redactor(
  document: Partial<Pick<DeployDocumentInput, "env" | "host">> | undefined,
): (text: string) => string {
  const values = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value !== "string") return;
    for (const line of [value, ...value.split("\n")]) {
      const trimmed = line.trim();
      if (trimmed.length >= SHORTEST && !trimmed.startsWith("-----")) values.add(trimmed);
    }
  };
  for (const value of Object.values(document?.env ?? {})) add(value);
  add(document?.host?.privateKey);
  const sorted = [...values].sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((clean, value) => clean.replaceAll(value, "[secret]"), text);
}
