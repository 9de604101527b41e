import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { keepFinding, keepsFindings, keptFinding } from "../environment/kept.ts";
import type { DnsVendorFacts } from "./dns-vendors.ts";
import { LARGEST } from "./read/text.ts";
import type { Catalog, SecretEntry } from "./types.ts";

/** Files that the catalog may be made of, by their names. */
const FILE = /\.(ya?ml|csv)$/i;
const SECRETS = "secrets.yaml";

/** A catalog as it is kept. */
interface Kept {
  /** Without the fixed values of secrets: a person may have written a real secret there. */
  readonly catalog: Catalog;
  /** Where secrets.yaml has each: the first character and their number. */
  readonly values: readonly (readonly [at: number, length: number] | undefined)[];
}

/** What lies in a catalog's directory. */
interface Texts {
  readonly digest: string;
  readonly secrets: string;
}

/**
 * A catalog without problems, as it was read by an earlier command of the same program, where not one byte of its files is another. Reading
 * and checking is most of what a command costs before it does anything.
 *
 * @param dns it was checked against these
 * @param read reads and checks it. @throws what that throws, which is never kept
 */
export function keptCatalog(dir: string, dns: readonly DnsVendorFacts[] | undefined, read: () => Catalog): Catalog {
  const texts = keepsFindings() ? textsOf(dir) : undefined;
  if (texts === undefined) return read();
  const subject = { kind: "catalogs", name: JSON.stringify([dir, dns]), from: texts.digest };
  const found = keptFinding<Kept>(subject);
  if (found !== undefined) return withValues(found, texts.secrets);
  const catalog = read();
  const kept = withoutValues(catalog, texts.secrets);
  // Where a file was written meanwhile it is not known which text was read.
  if (kept !== undefined && textsOf(dir)?.digest === texts.digest) keepFinding(subject, kept);
  return catalog;
}

/** All texts that a catalog may be made of; undefined where one of them is none that would be read. */
function textsOf(dir: string): Texts | undefined {
  const hash = createHash("sha256");
  let secrets = "";
  try {
    for (const name of readdirSync(dir)
      .filter((one) => FILE.test(one))
      .sort()) {
      const file = join(dir, name);
      const status = statSync(file);
      if (!status.isFile() || status.size > LARGEST) return undefined;
      const bytes = readFileSync(file);
      hash.update(JSON.stringify([name, bytes.length])).update(bytes);
      if (name === SECRETS) secrets = bytes.toString("utf8");
    }
  } catch {
    return undefined;
  }
  return { digest: hash.digest("hex"), secrets };
}

/** Undefined where a value is written in another way than it reads, so that it cannot be left out. Pure. */
function withoutValues(catalog: Catalog, text: string): Kept | undefined {
  const found = catalog.secrets.entries.map(({ value }) =>
    value === undefined ? undefined : ([text.indexOf(value), value.length] as const),
  );
  if (found.some((place) => place?.[0] === -1)) return undefined;
  return {
    catalog: withEntries(catalog, (entry) => (entry.value === undefined ? entry : { ...entry, value: "" })),
    values: found,
  };
}

/** Pure. */
function withValues({ catalog, values }: Kept, text: string): Catalog {
  return withEntries(catalog, (entry, index) => {
    const [at, length] = values[index] ?? [];
    return at === undefined || length === undefined ? entry : { ...entry, value: text.slice(at, at + length) };
  });
}

function withEntries(catalog: Catalog, change: (entry: SecretEntry, index: number) => SecretEntry): Catalog {
  return { ...catalog, secrets: { ...catalog.secrets, entries: catalog.secrets.entries.map(change) } };
}
