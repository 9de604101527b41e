import {
  listIn,
  nextPage,
  type RecordFacts,
  type Scanner,
  type ScanPage,
  type ScanTask,
  type Seen,
} from "../inventory.ts";
import { fields, objectOf, type Props, part, textOf } from "../live.ts";
import { SETTING_IDS } from "./dns-plan.ts";
import { readOptions } from "./live.ts";

const VENDOR = "cloudflare";
/** Largest page of zones; of records the API allows far more than any zone has (API reference, "List Zones", "List DNS Records"). */
const ZONES = 50;
const RECORDS = 5000;

const task = (what: string, args: ScanTask["args"]): ScanTask => ({ vendor: VENDOR, what, args });

/** Types of records that zones.yaml takes. */
const DECLARABLE = new Set(["A", "AAAA", "CNAME", "TXT", "MX", "NS", "CAA"]);

/** Names of settings as the catalog has them, by Cloudflare's ids. */
const CATALOG_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SETTING_IDS).map(([name, id]) => [id, name]),
);

/** A record as the catalog could declare it. Pure. */
export function recordSeen(raw: Props, zone: string): Seen {
  const type = textOf(raw, "type") ?? "";
  const { ttl, priority, proxied } = raw;
  const facts: Props & RecordFacts = {
    type,
    content: type === "TXT" ? unquoted(textOf(raw, "content") ?? "") : (textOf(raw, "content") ?? ""),
    ttl: typeof ttl === "number" ? ttl : 1,
    proxied: proxied === true,
    priority: type === "MX" && typeof priority === "number" ? priority : undefined,
    comment: textOf(raw, "comment"),
  };
  const tags = Array.isArray(raw.tags) && raw.tags.length > 0;
  const unsupported = DECLARABLE.has(type)
    ? tags
      ? "has tags, which the catalog does not declare"
      : undefined
    : `is of type ${type}, which the catalog does not declare`;
  const name = (textOf(raw, "name") ?? "").toLowerCase();
  return { vendor: VENDOR, role: "record", id: textOf(raw, "id") ?? "", name, of: zone, unsupported, facts };
}

/** Cloudflare shows the quotes of a text that was made with them; long ones are several quoted parts. */
const unquoted = (text: string): string =>
  /^"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*$/.test(text)
    ? [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inner = ""]) => inner.replace(/\\(.)/g, "$1")).join("")
    : text;

/** Reads the zones that the token sees, each with its records and the settings that the catalog knows. */
export const scan: Scanner = {
  api: ({ env }) => readOptions(env),
  begin: () => [task("zones", {})],
  async read(page, client): Promise<ScanPage> {
    const { zone = "", page: number = "1" } = page.args;
    if (page.what === "zones") {
      const answer = await client.get("/zones", { page: number, per_page: String(ZONES) });
      const seen = listIn(answer, "result", page).map((raw): Seen => {
        const id = textOf(raw, "id") ?? "";
        const facts = { account: textOf(objectOf(raw, "account"), "id"), status: textOf(raw, "status") };
        return { vendor: VENDOR, role: "zone", id, name: textOf(raw, "name") ?? id, facts };
      });
      const parts = seen.flatMap(({ id }) => [task("records", { zone: id }), task("settings", { zone: id })]);
      return { seen, next: [...nextPage(page, totalOf(answer, seen.length), ZONES), ...parts] };
    }
    if (page.what === "settings") {
      const answer = await client.get(`/zones/${part(zone)}/settings`);
      if (answer === undefined) return { seen: [], next: [] };
      const seen = listIn(answer, "result", page).flatMap((raw): Seen[] => {
        const id = textOf(raw, "id") ?? "";
        const name = CATALOG_NAMES[id];
        if (name === undefined) return [];
        const facts = { value: raw.value };
        return [{ vendor: VENDOR, role: "zone-setting", id: `${zone}/${id}`, name, of: zone, automatic: true, facts }];
      });
      return { seen, next: [] };
    }
    const answer = await client.get(`/zones/${part(zone)}/dns_records`, { page: number, per_page: String(RECORDS) });
    if (answer === undefined) return { seen: [], next: [] };
    const seen = listIn(answer, "result", page).map((raw) => recordSeen(raw, zone));
    return { seen, next: nextPage(page, totalOf(answer, seen.length), RECORDS) };
  },
};

function totalOf(answer: unknown, listed: number): number {
  const total = objectOf(fields(answer), "result_info")?.total_count;
  return typeof total === "number" ? total : listed;
}
