import { parseEnv } from "node:util";
import { parse } from "csv-parse/sync";
import { z } from "zod";

/** Forms of a password manager's export. */
export const FORMATS = ["bitwarden", "1password", "keepass", "dotenv"] as const;
/** See {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/** A value of an export, under the names that it may be meant for. */
export interface Exported {
  /** As an export calls it, for people. */
  readonly title: string;
  /** Names of secrets, the likeliest first. */
  readonly names: readonly string[];
  readonly value: string;
}

/** An export that cannot be used. Its message never repeats what is in it. */
export class ExportError extends Error {}

/** A title as a secret's name: `JWT secret` → `JWT_SECRET`. Pure. */
const secretNameOf = (title: string): string =>
  title
    .trim()
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .toUpperCase();

/** The values of an entry: its password under its own name, its user as NAME_USER, further fields as themselves or NAME_FIELD. */
function entryOf(
  title: string,
  {
    user,
    password,
    note,
    fields = [],
  }: {
    readonly user?: string | null | undefined;
    readonly password?: string | null | undefined;
    readonly note?: string | null | undefined;
    readonly fields?: readonly {
      readonly name?: string | null | undefined;
      readonly value?: string | null | undefined;
    }[];
  },
): Exported[] {
  const name = secretNameOf(title);
  const base = name.replace(/_(PASS|PASSWORD)$/, "");
  const all: Exported[] = [];
  if (password) all.push({ title, names: [name, `${name}_PASS`, `${name}_PASSWORD`], value: password });
  // What has no password is a note: a key, say.
  else if (note) all.push({ title, names: [name], value: note });
  if (user) all.push({ title: `${title}, its user`, names: [`${base}_USER`], value: user });
  for (const field of fields)
    if (field.name && field.value)
      all.push({
        title: `${title}, ${field.name}`,
        names: [`${name}_${secretNameOf(field.name)}`, secretNameOf(field.name)],
        value: field.value,
      });
  return all;
}

const text = z.string().nullish();
const bitwarden = z.object({
  encrypted: z.boolean().optional(),
  items: z.array(
    z.object({
      name: z.string(),
      notes: text,
      login: z.object({ username: text, password: text }).nullish(),
      fields: z.array(z.object({ name: text, value: text })).nullish(),
    }),
  ),
});

function readBitwarden(content: string): Exported[] {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    throw new ExportError("is no JSON");
  }
  if ((json as { encrypted?: unknown } | null)?.encrypted === true)
    throw new ExportError("is encrypted: export it as plain .json");
  const read = bitwarden.safeParse(json);
  if (!read.success)
    throw new ExportError(`is no export of Bitwarden: ${read.error.issues[0]?.path.join(".") || "its outline"}`);
  return read.data.items.flatMap(({ name, notes, login, fields }) =>
    entryOf(name, { user: login?.username, password: login?.password, note: notes, fields: fields ?? [] }),
  );
}

/** Columns of the exports as CSV, in lower case, by what they are. KeePass 2 and KeePassXC differ. */
const COLUMNS = {
  title: ["title", "account", "name"],
  user: ["username", "login name", "user name"],
  password: ["password"],
  note: ["notes", "comments", "notesplain"],
} as const;

function readCsvExport(content: string): Exported[] {
  let rows: string[][];
  try {
    // KeePass 2 puts a backslash before a quote, the others double it.
    const quoting = /^"?Account"?,"?Login Name/.test(content) ? "\\" : '"';
    rows = parse(content, { relax_column_count: true, skip_empty_lines: true, escape: quoting });
  } catch {
    throw new ExportError("cannot be read as CSV");
  }
  const [header = [], ...records] = rows;
  const names = header.map((name) => name.trim().toLowerCase());
  const at = (column: keyof typeof COLUMNS) =>
    names.findIndex((name) => (COLUMNS[column] as readonly string[]).includes(name));
  const [title, user, password, note] = [at("title"), at("user"), at("password"), at("note")];
  if (title === -1 || password === -1)
    throw new ExportError("has no columns for a title and a password in its first line");
  return records.flatMap((row) =>
    entryOf(row[title] ?? "", { user: row[user], password: row[password], note: row[note] }),
  );
}

/** Reads an export. Pure. @throws ExportError */
export function readExport(format: Format, exported: string): Exported[] {
  // Windows puts a mark of the byte order before it.
  const content = exported.replace(/^\uFEFF/, "");
  if (content.trim() === "") throw new ExportError("is empty");
  if (format === "bitwarden") return readBitwarden(content);
  if (format !== "dotenv") return readCsvExport(content);
  return fromVariables(parseEnv(content) as Record<string, string>);
}

/** Variables as an export: each under its own name. Pure. */
export const fromVariables = (variables: Readonly<Record<string, string | undefined>>): Exported[] =>
  Object.entries(variables).flatMap(([name, value]) => (value ? [{ title: name, names: [name], value }] : []));
