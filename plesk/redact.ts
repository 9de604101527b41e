/** Where a document holds secrets. Loose, since an invalid one is redacted too. */
interface Secretive {
  readonly env?: Readonly<Record<string, unknown>> | undefined;
  readonly host?: { readonly privateKey?: unknown } | undefined;
  readonly database?:
    | { readonly password?: unknown; readonly name?: unknown; readonly host?: unknown; readonly user?: unknown }
    | undefined;
}

/** Values shorter than this are not taken out: they would take half of every text with them (and hold no secret worth the name). */
const SHORTEST = 6;

/**
 * Makes the function that takes the secrets of documents out of any text that leaves the driver. Works on the document as it was
 * read, since an invalid one may hold secrets too.
 */
export function redactor(...documents: readonly (object | null | undefined)[]): (text: string) => string {
  const values = new Set<string>();
  const add = (value: unknown): void => {
    if (typeof value !== "string") return;
    for (const line of [value, ...value.split("\n")]) {
      const trimmed = line.trim();
      if (trimmed.length < SHORTEST || trimmed.startsWith("-----")) continue;
      values.add(trimmed);
      // As it stands inside a JSON text.
      values.add(JSON.stringify(trimmed).slice(1, -1));
    }
  };
  for (const document of documents) {
    const { env, host, database } = (document ?? {}) as Secretive;
    // Variables may say once more where the database is, which is no secret and stands in results.
    const plain = new Set([database?.name, database?.host, database?.user]);
    for (const value of Object.values(env ?? {})) if (!plain.has(value)) add(value);
    add(host?.privateKey);
    add(database?.password);
  }
  const sorted = [...values].sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((clean, value) => clean.replaceAll(value, "[secret]"), text);
}
