import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { SitefleetError } from "../../errors/index.ts";
import type { TakeOver } from "../../fleet/drift/index.ts";
import { type Catalog, formatProblem } from "../../model/index.ts";
import { csvCell, problemsWith, type Rewritten, writeFiles } from "../adopt/write.ts";

/** A line of sites.csv with one column otherwise; undefined where the line is quoted in a way that a split cannot read. Pure. */
export function withColumn(header: string, line: string, column: string, value: string): string | undefined {
  if (line.includes('"')) return undefined;
  const index = header
    .split(",")
    .map((name) => name.trim())
    .indexOf(column);
  const cells = line.split(",");
  if (index === -1 || cells.length !== header.split(",").length) return undefined;
  cells[index] = csvCell(value);
  return cells.join(",");
}

/** What of the catalog is changed by taking over; what has to be done by hand is left out. */
function rewritten(
  dir: string,
  catalog: Catalog,
  takeOvers: readonly TakeOver[],
): { files: Rewritten[]; done: TakeOver[] } {
  const done: TakeOver[] = [];
  const files: Rewritten[] = [];
  const rows = takeOvers.filter(
    ({ file, field, to }) => file === "sites.csv" && field !== undefined && to !== undefined,
  );
  if (rows.length > 0) {
    const before = readFileSync(join(dir, "sites.csv"), "utf8");
    const lines = before.split("\n");
    const header = lines.find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
    for (const one of rows) {
      const line = (catalog.sites.find(({ host }) => host === one.entry)?.line ?? 0) - 1;
      const next = withColumn(header, lines[line] ?? "", one.field as string, one.to as string);
      if (next === undefined) continue;
      lines[line] = next;
      done.push(one);
    }
    files.push({ file: "sites.csv", before, after: lines.join("\n"), added: done.length });
  }
  const records = takeOvers.filter(({ file, field }) => file === "zones.yaml" && field !== undefined);
  if (records.length > 0) {
    const before = readFileSync(join(dir, "zones.yaml"), "utf8");
    const document = parseDocument(before);
    const zones = document.get("zones");
    for (const one of records) {
      const [zone, type, name] = one.entry.split(" ");
      const item = isSeq(zones) ? zones.items.find((each) => isMap(each) && each.get("name") === zone) : undefined;
      const list = isMap(item) ? item.get("records") : undefined;
      const record = isSeq(list)
        ? list.items.find((each) => isMap(each) && each.get("type") === type && each.get("name") === name)
        : undefined;
      if (!isMap(record)) continue;
      if (one.to === undefined || one.to === "") record.delete(one.field as string);
      else record.set(one.field as string, typed(one.field as string, one.to));
      done.push(one);
    }
    files.push({ file: "zones.yaml", before, after: document.toString({ lineWidth: 0 }), added: records.length });
  }
  return { files, done };
}

const typed = (field: string, value: string): unknown =>
  field === "ttl" || field === "priority" ? Number(value) : field === "proxied" ? value === "true" : value;

/** Takes what differs into the catalog's files. @throws SitefleetError `catalog.invalid` when the catalog would have problems; nothing is written then */
export function writeTakeOvers(dir: string, catalog: Catalog, takeOvers: readonly TakeOver[]): TakeOver[] {
  const { files, done } = rewritten(dir, catalog, takeOvers);
  const changed = files.filter(({ before, after }) => before !== after);
  if (changed.length === 0) return [];
  const problems = problemsWith(dir, changed);
  if (problems.length > 0) {
    throw new SitefleetError({
      code: "catalog.invalid",
      message: "what is live cannot be declared as it is; nothing was written",
      details: problems.map(formatProblem),
      hint: "take over by hand what can be declared, and revert the rest",
    });
  }
  writeFiles(dir, changed);
  return done;
}
