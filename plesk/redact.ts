import { isTakenOut } from "../errors/redact.ts";

/** Where a document holds secrets. Loose, since an invalid one is redacted too. */
interface Secretive {
  readonly env?: Readonly<Record<string, unknown>> | undefined;
  readonly host?: { readonly privateKey?: unknown } | undefined;
  readonly database?: { readonly password?: unknown } | undefined;
}

/** Strings of a document that stand in the open, at any depth: all but variables, keys and passwords. */
function openValues(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value === "string") found.add(value.trim());
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (key !== "env" && key !== "privateKey" && key !== "password") openValues(item, found);
    }
  }
  return found;
}

/**
 * Makes the function that takes the secrets of documents out of any text that leaves the driver. Works on the document as it was
 * read, since an invalid one may hold secrets too.
 */
export function redactor(...documents: readonly (object | null | undefined)[]): (text: string) => string {
  const values = new Set<string>();
  const add = (value: unknown, open: ReadonlySet<unknown>): void => {
    if (typeof value !== "string") return;
    for (const line of [value, ...value.split("\n")]) {
      const trimmed = line.trim();
      if (trimmed.startsWith("-----") || !isTakenOut(trimmed, open)) continue;
      values.add(trimmed);
      // As it stands inside a JSON text.
      values.add(JSON.stringify(trimmed).slice(1, -1));
    }
  };
  for (const document of documents) {
    const { env, host, database } = (document ?? {}) as Secretive;
    // Variables may say once more where the database is, which is no secret and stands in results.
    const open = openValues(document);
    for (const value of [...Object.values(env ?? {}), host?.privateKey, database?.password]) add(value, open);
  }
  const sorted = [...values].sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((clean, value) => clean.replaceAll(value, "[secret]"), text);
}
