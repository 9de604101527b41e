import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, isMap, isSeq, parseDocument } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import type { PlannedRows, PlannedSite } from "../../fleet/adopt/index.ts";
import { checkCatalog, formatProblem } from "../../model/index.ts";
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
export function rewritten(dir: string, rows: PlannedRows): Rewritten[] {
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
export function problemsWith(dir: string, files: readonly Rewritten[]): string[] {
  const copy = mkdtempSync(join(tmpdir(), "sitefleet-adopt-"));
  try {
    cpSync(dir, copy, { recursive: true });
    for (const { file, after } of files) writeFileSync(join(copy, file), after);
    return checkCatalog(copy, dnsVendors()).problems.map((problem) => formatProblem(problem).replaceAll(copy, dir));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
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
