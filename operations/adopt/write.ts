import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, isMap, isSeq, parseDocument } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import type { PlannedRows, PlannedSite } from "../../fleet/adopt/index.ts";
import { checkCatalog, type Problem } from "../../model/index.ts";
import { dnsVendors } from "../../vendors/index.ts";

/** A file of the catalog as it is to be. */
export interface Rewritten {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** Lines that are added. */
  readonly added: number;
}

/** A value as CSV has it. Pure. */
export const csvCell = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** The text of sites.csv with more rows, in the file's own order of columns. Pure. */
export function withSites(text: string, sites: readonly PlannedSite[]): string {
  const lines = text.split(/\r?\n/);
  const header = lines.find((line) => line.trim() !== "" && !line.startsWith("#"));
  const columns = (header ?? "").split(",").map((name) => name.trim()) as (keyof PlannedSite)[];
  const rows = sites.map((site) => columns.map((name) => csvCell(site[name] ?? "")).join(","));
  return `${text.replace(/\n*$/, "\n")}${rows.map((row) => `${row}\n`).join("")}`;
}

/** A value without what is undefined, which YAML would write as null. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The text of zones.yaml with more zones and records; comments stay. Pure. @throws SitefleetError `catalog.invalid` */
export function withZones(text: string, { zones, records }: Pick<PlannedRows, "zones" | "records">): string {
  const document = parseDocument(text);
  const list = document.get("zones");
  if (!isSeq(list)) throw noList("zones.yaml", "zones");
  for (const { zone, record } of records) {
    const item = list.items.find((one) => isMap(one) && one.get("name") === zone);
    if (!isMap(item)) continue;
    const known = item.get("records");
    if (isSeq(known)) known.add(document.createNode(plain(record), { flow: true }));
    else item.set("records", document.createNode([plain(record)]));
  }
  for (const zone of zones) list.add(document.createNode(plain(zone)));
  return printed(document);
}

/** The text of releases.yaml with more channels. Pure. @throws SitefleetError `catalog.invalid` */
export function withChannels(text: string, channels: PlannedRows["channels"]): string {
  const document = parseDocument(text);
  const known = document.get("channels");
  if (!isMap(known)) throw noList("releases.yaml", "channels");
  for (const { name, ref } of channels) if (!known.has(name)) known.set(name, document.createNode({ ref }));
  return printed(document);
}

const printed = (document: Document | ReturnType<typeof parseDocument>): string =>
  document.toString({ lineWidth: 0, flowCollectionPadding: true });

const noList = (file: string, key: string): SitefleetError =>
  new SitefleetError({
    code: "catalog.invalid",
    message: `${file} has no list \`${key}\``,
    hint: "run sitefleet validate",
  });

/** What the catalog's files are to be; those that stay as they are are left out. @throws SitefleetError `catalog.invalid` */
function rewritten(dir: string, rows: PlannedRows): Rewritten[] {
  const edit = (file: string, count: number, change: (text: string) => string): Rewritten[] => {
    if (count === 0) return [];
    const before = readFileSync(join(dir, file), "utf8");
    return [{ file, before, after: change(before), added: count }];
  };
  return [
    ...edit("sites.csv", rows.sites.length, (text) => withSites(text, rows.sites)),
    ...edit("zones.yaml", rows.zones.length + rows.records.length, (text) => withZones(text, rows)),
    ...edit("releases.yaml", rows.channels.length, (text) => withChannels(text, rows.channels)),
  ];
}

/** What would be wrong with a catalog whose files were these; a copy of it is checked. */
export function problemsWith(dir: string, files: readonly Rewritten[]): Problem[] {
  const copy = mkdtempSync(join(tmpdir(), "sitefleet-adopt-"));
  try {
    cpSync(dir, copy, { recursive: true });
    for (const { file, after } of files) writeFileSync(join(copy, file), after);
    return checkCatalog(copy, dnsVendors()).problems.map((one) => ({ ...one, file: one.file.replace(copy, dir) }));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Rows that the catalog takes, and those that it does not, each with what is wrong. */
export interface Pruned {
  readonly rows: PlannedRows;
  readonly files: readonly Rewritten[];
  /** Problems that no row of these makes. */
  readonly problems: readonly Problem[];
  /** What was left out, by what it would have been, and why. */
  readonly refused: readonly { readonly what: string; readonly reason: string }[];
}

/** Times that rows are taken out: a rule may see one row only when another is gone. */
const ROUNDS = 5;

/** Takes out the rows that the catalog's rules refuse: texts that vendors have and the catalog does not take. @throws SitefleetError `catalog.invalid` */
export function pruned(dir: string, planned: PlannedRows): Pruned {
  const refused: { what: string; reason: string }[] = [];
  let rows = planned;
  for (let round = 0; ; round++) {
    const files = rewritten(dir, rows);
    const problems = files.length === 0 ? [] : problemsWith(dir, files);
    const blamed = blame(files, rows, problems);
    if (blamed.size === 0 || round === ROUNDS) return { rows, files, problems, refused };
    const keep = <One extends object>(list: readonly One[], nameOf: (one: One) => string) =>
      list.filter((one) => {
        const reason = blamed.get(one);
        if (reason !== undefined) refused.push({ what: nameOf(one), reason });
        return reason === undefined;
      });
    rows = {
      ...rows,
      sites: keep(rows.sites, ({ name, zone }) => `${name} in ${zone}`),
      records: keep(rows.records, ({ zone, record }) => `${record.type} ${record.name} in ${zone}`),
      zones: rows.zones.map((zone) => ({
        ...zone,
        records: keep(zone.records, ({ type, name }) => `${type} ${name} in ${zone.name}`),
      })),
    };
    const used = new Set(rows.sites.map(({ channel }) => channel));
    rows = { ...rows, channels: rows.channels.filter(({ name }) => used.has(name)) };
  }
}

/** Which planned rows problems are about, by where those stand in the new files. */
function blame(files: readonly Rewritten[], rows: PlannedRows, problems: readonly Problem[]): Map<object, string> {
  const found = new Map<object, string>();
  const sites = files.find(({ file }) => file === "sites.csv");
  const zones = files.find(({ file }) => file === "zones.yaml");
  const zonesAfter = zones
    ? (parseDocument(zones.after).toJS() as { zones: { name: string; records?: object[] }[] }).zones
    : [];
  const before = sites ? sites.after.split("\n").length - 1 - rows.sites.length : 0;
  for (const { file, line, field, wrong, allowed } of problems) {
    const reason = `${wrong}, ${allowed}`;
    if (file.endsWith("sites.csv")) {
      const row = rows.sites[line - 1 - before];
      if (row) found.set(row, reason);
    }
    const [, zone = "", record = ""] = /^zones\[(\d+)\]\.records\[(\d+)\]/.exec(field) ?? [];
    const at = zonesAfter[Number(zone)];
    if (!file.endsWith("zones.yaml") || at === undefined || record === "") continue;
    const made = rows.zones.find(({ name }) => name === at.name)?.records[Number(record)];
    const added = rows.records.filter((one) => one.zone === at.name);
    // Added records stand behind those that were there.
    const one = made ?? added[Number(record) - ((at.records?.length ?? 0) - added.length)];
    if (one) found.set(one, reason);
  }
  return found;
}

/** Writes the files. @throws SitefleetError `adopt.changed` when one was changed since it was read; nothing more is written then */
export function writeFiles(dir: string, files: readonly Rewritten[]): void {
  for (const { file, before } of files) {
    if (readFileSync(join(dir, file), "utf8") === before) continue;
    throw new SitefleetError({
      code: "adopt.changed",
      message: "the file was changed while its new rows were planned",
      subject: file,
      hint: "run it again",
    });
  }
  for (const { file, after } of files) {
    const path = join(dir, file);
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, after, { mode: statSync(path).mode, flush: true });
    renameSync(temporary, path);
  }
}
