import { type Catalog, stackOf } from "../../model/index.ts";
import type { Drifted } from "./classify.ts";

/** A change of the catalog by which what is live becomes what is declared. */
export interface TakeOver {
  readonly file: string;
  /** Row or entry: the host of a site, the name of a zone, with the record. */
  readonly entry: string;
  /** Column or field; absent: the entry as a whole is taken out. */
  readonly field?: string;
  readonly from?: string;
  readonly to?: string;
  /** In a sentence, for what a person has to do by hand. */
  readonly text: string;
}

/** Columns of sites.csv by the properties that they become. */
const COLUMNS: Readonly<Record<string, string>> = {
  "gitRepository.repo": "repository",
  rootDirectory: "root_directory",
  framework: "framework",
};

const plain = (json: string | undefined): string => {
  if (json === undefined || json === "null") return "";
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "string" ? value : json;
  } catch {
    return json;
  }
};

/**
 * How a difference is taken into the catalog in place of being reverted. In a preview `old` is what is live. Empty where the
 * catalog has no word for it: then reverting, or declaring it by hand, is the only way. Pure.
 */
export function takeOverOf(drifted: Drifted, catalog: Catalog): TakeOver[] {
  const { role, name, op, stack } = drifted;
  if (drifted.class !== "drift" && drifted.class !== "both") return [];
  const site = catalog.sites.find((one) => one.host === name && stackOf(one) === stack);
  if (site && op === "create" && (role === "project" || role === "site-domain"))
    return [{ file: "sites.csv", entry: name, text: `take the row of ${name} out: it is gone` }];
  if (site && role === "project" && op === "update") {
    return drifted.diffs.flatMap(({ path, old, new: to }): TakeOver[] => {
      const field = COLUMNS[path];
      if (field === undefined) return [];
      const [live, was] = [plain(old), plain(to)];
      return [
        {
          file: "sites.csv",
          entry: name,
          field,
          from: was,
          to: live,
          text: `set ${field} of ${name} to ${live || "nothing"}`,
        },
      ];
    });
  }
  if (role === "release") {
    const live = plain(drifted.diffs.find(({ path }) => path === "ref")?.old);
    const channel = site?.channel ?? "its channel";
    return live === ""
      ? []
      : [
          {
            file: "releases.yaml",
            entry: channel,
            field: "ref",
            to: live,
            text: `pin ${channel}, or a channel of its own, to ${live}`,
          },
        ];
  }
  if (role === "record") return recordTakeOver(drifted, catalog);
  return [];
}

/** Fields of a record in zones.yaml, by the properties that they become. */
const RECORD_FIELDS: ReadonlySet<string> = new Set(["content", "ttl", "proxied", "priority", "comment"]);

function recordTakeOver({ name, op, diffs, urn = "", stack = "" }: Drifted, catalog: Catalog): TakeOver[] {
  const [host = "", type = ""] = name.split("/");
  const zone = catalog.zones.find((one) => one.records.some((record) => record.host === host));
  const same =
    zone?.records.filter((record) => record.host === host && (type === "target" || record.type === type)) ?? [];
  const [record] = same;
  if (zone === undefined || record === undefined) return [];
  const entry = `${zone.name} ${record.type} ${record.name}`;
  if (op === "create")
    return [{ file: "zones.yaml", entry, text: `take the ${record.type} record of ${host} out: it is gone` }];
  if (same.length > 1) return [];
  return diffs.flatMap(({ path, old, new: to }): TakeOver[] => {
    if (!RECORD_FIELDS.has(path)) return [];
    const [live, was] = [plain(old), plain(to)];
    // Its resource is named by its content: with another content it is another resource, and the object would be in the way.
    if (path === "content" && type !== "target") {
      const steps = `pulumi state delete -s ${stack} '${urn}', then adopt scan and adopt apply`;
      const text = `set content of the ${record.type} record of ${host} to ${live}; then ${steps}`;
      return [{ file: "zones.yaml", entry, text }];
    }
    return [
      {
        file: "zones.yaml",
        entry,
        field: path,
        from: was,
        to: live,
        text: `set ${path} of the ${record.type} record of ${host} to ${live || "nothing"}`,
      },
    ];
  });
}
