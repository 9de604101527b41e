import { cellOf } from "../cells.ts";
import { HOST_MAX, type NameResult, normaliseName } from "../dns.ts";
import type { Framework } from "../frameworks.ts";
import { type Entry, type Place, type Report, show } from "../problem.ts";
import { readCsv } from "../read/csv.ts";
import { findingsOf } from "../shape/issues.ts";
import { SITE_COLUMNS, SiteRow } from "../shape/sites.ts";
import type { Site } from "../types.ts";
import { KnownSites } from "./known-sites.ts";

const TAG = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** A site with its place. A class, because there are thousands. */
class SiteEntry implements Entry<Site> {
  readonly value: Site;
  readonly #file: string;

  constructor(file: string, value: Site) {
    this.#file = file;
    this.value = value;
  }

  at(column?: string | number): Place {
    return { file: this.#file, line: this.value.line, field: String(column ?? "row") };
  }
}

/** What sites.csv holds. */
export interface BuiltSites {
  readonly sites: Entry<Site>[];
  /** Repositories of all rows, valid otherwise or not, in lower case. */
  readonly siteRepositories: ReadonlySet<string>;
  /** Was nothing wrong in the file? */
  readonly sitesComplete: boolean;
}

/**
 * Reads sites.csv. Rows that are not valid by themselves are reported and left out.
 *
 * @param cells number of cells
 * @param catalog whose rows they are, for later commands. @default of the file alone
 */
export function buildSites(
  file: string,
  text: string,
  cells: number,
  tell: Report,
  catalog = file,
): BuiltSites | undefined {
  let sitesComplete = true;
  let right = true;
  const report: Report = (...finding) => {
    sitesComplete = false;
    right = false;
    tell(...finding);
  };
  const known = new KnownSites(catalog, text, cells);
  const rows = readCsv(file, known.others(text), SITE_COLUMNS, report);
  if (!rows) return undefined;
  const normalZone = memo((zone: string) => normaliseName(zone));
  const sites = known.sites();
  const siteRepositories = new Set(sites.map(({ repository }) => repository.toLowerCase()));
  for (const { line, values } of rows) {
    right = true;
    const place = (field: string): Place => ({ file, line, field });
    const parsed = SiteRow.safeParse(values);
    const row = parsed.success ? parsed.data : undefined;
    if (!parsed.success) {
      for (const { rule, path, wrong, allowed } of findingsOf(parsed.error, values, () => false)) {
        report(rule, place(String(path[0] ?? "row")), wrong, allowed);
      }
    }
    const tags = readTags(values.tags ?? "", (wrong, allowed) => report("site.tags", place("tags"), wrong, allowed));
    const zone = normalZone(values.zone ?? "");
    if ("wrong" in zone) report("name.host", place("zone"), zone.wrong, zone.allowed);
    const host = siteHost(values.name ?? "", zone);
    if ("wrong" in host) report("name.host", place("name"), host.wrong, host.allowed);
    siteRepositories.add((values.repository ?? "").toLowerCase());
    if (!row || "wrong" in zone || "wrong" in host) continue;
    const site: Site = {
      name: host.name === zone.name ? "@" : host.name.slice(0, -zone.name.length - 1),
      zone: zone.name,
      host: host.name,
      project: row.project,
      repository: row.repository,
      rootDirectory: row.root_directory,
      framework: row.framework === "" ? null : (row.framework as Framework),
      channel: row.channel,
      tags,
      cell: cellOf({ host: host.name, tags }, cells),
      line,
    };
    sites.push(site);
    if (right) known.note(site);
  }
  known.keep();
  const entries = sites.sort((a, b) => a.line - b.line).map((site) => new SiteEntry(file, site));
  return { sites: entries, siteRepositories, sitesComplete };
}

/** The full host: name and zone together, because only together their length can be judged. */
function siteHost(name: string, zone: NameResult): NameResult {
  if (name === "@") return "name" in zone ? zone : { name: "@" };
  const alone = normaliseName(name);
  if ("wrong" in alone || "wrong" in zone) return alone;
  if (alone.name === zone.name || alone.name.endsWith(`.${zone.name}`)) {
    return { wrong: `${show(name)} repeats the zone`, allowed: "the part before the zone, @ for the zone itself" };
  }
  const host = `${alone.name}.${zone.name}`;
  if (host.length <= HOST_MAX) return { name: host };
  return { wrong: `the host name would have ${host.length} characters`, allowed: `at most ${HOST_MAX} with its zone` };
}

function readTags(text: string, wrong: (wrong: string, allowed: string) => void): string[] {
  if (text === "") return [];
  const tags = text.split(";");
  for (const [index, tag] of tags.entries()) {
    if (!TAG.test(tag)) wrong(`tag ${show(tag)} is not valid`, "a-z, 0-9 and hyphens, at most 40, separated by ;");
    else if (tags.indexOf(tag) < index) wrong(`tag ${show(tag)} stands twice`, "each tag once");
  }
  return [...new Set(tags)];
}

function memo<R>(compute: (key: string) => R): (key: string) => R {
  const known = new Map<string, R>();
  return (key) => {
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    const result = compute(key);
    known.set(key, result);
    return result;
  };
}
