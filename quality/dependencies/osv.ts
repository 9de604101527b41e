import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { compare, valid } from "semver";
import { z } from "zod";
import { jsonOf, Unusable } from "../source/read.ts";
import { baseScore } from "./cvss.ts";

/** A record of OSV, as far as it is read: https://ossf.github.io/osv-schema/ */
const recordSchema = z.object({
  id: z.string().min(1),
  modified: z.string(),
  withdrawn: z.string().optional(),
  summary: z.string().optional(),
  severity: z.array(z.object({ type: z.string(), score: z.string() })).optional(),
  database_specific: z.looseObject({ severity: z.unknown().optional() }).nullish(),
  affected: z
    .array(
      z.object({
        package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
        versions: z.array(z.string()).optional(),
        ranges: z
          .array(
            z.object({
              type: z.string(),
              events: z.array(
                z.object({
                  introduced: z.string().optional(),
                  fixed: z.string().optional(),
                  last_affected: z.string().optional(),
                }),
              ),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});
/** See {@link recordSchema}. */
export type OsvRecord = z.infer<typeof recordSchema>;

/** All records of one package are far fewer; a whole ecosystem has some 300 MB. */
const LARGEST = 512 * 1024 * 1024;

/** Records of a file (one JSON array, one record, or one a line) or of a directory of such files. @throws Unusable */
export function readOsv(path: string): OsvRecord[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new Unusable("the OSV records are not there");
  if (status.isDirectory()) {
    const names = readdirSync(path)
      .filter((name) => /\.jsonl?$/.test(name))
      .sort();
    if (names.length === 0) throw new Unusable("the directory of OSV records has no .json file");
    return names.flatMap((name) => readOsv(join(path, name)));
  }
  if (!status.isFile() || status.size > LARGEST) throw new Unusable("the OSV records are no file that can be read");
  const text = readFileSync(path, "utf8").trim();
  if (text === "") throw new Unusable("the OSV records are empty");
  return recordsOf(text);
}

function recordsOf(text: string): OsvRecord[] {
  const lines =
    text.startsWith("{") && /\}\s*\n\s*\{/.test(text) ? text.split("\n").filter((line) => line.trim() !== "") : [text];
  const values = lines.flatMap((line): unknown[] => {
    const value = jsonOf(line, "a file of OSV records");
    return Array.isArray(value) ? value : [value];
  });
  return values.map((value) => {
    const parsed = recordSchema.safeParse(value);
    if (!parsed.success) throw new Unusable("a record of OSV has another form than expected");
    return parsed.data;
  });
}

/** Whether a version is affected by a record. @param ecosystem npm, PyPI, Packagist … Pure. */
export function affects(record: OsvRecord, ecosystem: string, name: string, version: string): boolean {
  if (record.withdrawn !== undefined) return false;
  return (record.affected ?? []).some((one) => {
    if (one.package === undefined || one.package.ecosystem.split(":")[0] !== ecosystem) return false;
    if (normal(ecosystem, one.package.name) !== normal(ecosystem, name)) return false;
    if (one.versions?.includes(version)) return true;
    return (one.ranges ?? []).some(({ type, events }) => type !== "GIT" && inRange(events, version));
  });
}

/** PyPI's names are one whatever their case and dots (PEP 503), Packagist's whatever their case. */
function normal(ecosystem: string, name: string): string {
  if (ecosystem === "PyPI") return name.toLowerCase().replace(/[-_.]+/g, "-");
  return ecosystem === "Packagist" ? name.toLowerCase() : name;
}

type Event = { introduced?: string | undefined; fixed?: string | undefined; last_affected?: string | undefined };

/** https://ossf.github.io/osv-schema/#evaluation: in the order of versions, the last event decides. */
function inRange(events: readonly Event[], version: string): boolean {
  let inside = false;
  const at = ({ introduced, fixed, last_affected }: Event) => introduced ?? fixed ?? last_affected ?? "0";
  for (const event of [...events].sort((a, b) => compareVersions(at(a), at(b)))) {
    if (event.introduced !== undefined && compareVersions(version, event.introduced) >= 0) inside = true;
    if (event.fixed !== undefined && compareVersions(version, event.fixed) >= 0) inside = false;
    if (event.last_affected !== undefined && compareVersions(version, event.last_affected) > 0) inside = false;
  }
  return inside;
}

/** Orders versions: semantic ones by their rules, others part by part. Pure. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "0") return -1;
  if (b === "0") return 1;
  if (valid(a) && valid(b)) return compare(a, b);
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    // A missing part is 0, but a letter (rc, beta) makes what has it the older one.
    const [one = 0, other = 0] = [left[index], right[index]];
    if (one === other) continue;
    if (typeof one === "number" && typeof other === "number") return one - other;
    if (typeof one === "string" && typeof other === "string") return one < other ? -1 : 1;
    return typeof one === "string" ? -1 : 1;
  }
  return 0;
}

const partsOf = (version: string): (number | string)[] =>
  (
    version
      .toLowerCase()
      .replace(/^v/, "")
      .match(/\d+|[a-z]+/g) ?? []
  ).map((part) => (/^\d/.test(part) ? Number(part) : part));

/** `high` and worse; what says nothing of its severity counts as high. Pure. */
export function isHigh({ database_specific, severity = [] }: OsvRecord): boolean {
  const said = database_specific?.severity;
  if (typeof said === "string") return /^(high|critical)$/i.test(said);
  const scores = severity.map(({ score }) => baseScore(score) ?? 10);
  return scores.length === 0 || Math.max(...scores) >= 7;
}
