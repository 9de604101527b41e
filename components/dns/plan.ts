import { canonicalContent } from "../../model/canonical.ts";

/** A DNS record as data. */
export interface RecordSpec {
  /** Full name in lower case and punycode, no trailing dot: other spellings differ for ever at a vendor. */
  readonly host: string;
  readonly type: string;
  /** For CAA `<flags> <tag> <value>`. */
  readonly content: string;
  /** Seconds; 1 = automatic. */
  readonly ttl: number;
  readonly proxied: boolean;
  /** MX only. */
  readonly priority?: number;
  readonly comment?: string;
}

/** A record, its logical name, and how it follows from earlier ones. */
export interface PlannedRecord {
  readonly name: string;
  readonly record: RecordSpec;
  /** Logical names that the same record may have in a state: the engine takes it over from the first that is there. */
  readonly formerly: readonly string[];
  /** Logical name of the record that must be in place before this one is made. @default none */
  readonly after?: string;
}

/**
 * What a name leads to. Cloudflare lets a name have records of one kind only: a CNAME, addresses, or a delegation
 * (errors 81053, 81054 and 81056). Other types stand beside them.
 * https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/
 */
const KINDS: Readonly<Record<string, string>> = { A: "address", AAAA: "address", CNAME: "alias", NS: "delegation" };

/** Whether records of two types cannot stand at one name. Pure. */
export function excludeEachOther(one: string, other: string): boolean {
  const [a, b] = [KINDS[one], KINDS[other]];
  return a !== undefined && b !== undefined && (a !== b || a === "alias");
}

/** Whether two records are one to a vendor, which refuses the second (at Cloudflare with error 81058). Pure. */
export function sameRecord(a: IdentitySpec, b: IdentitySpec): boolean {
  const content = ({ type, content: text }: IdentitySpec) => canonicalContent(type, text);
  return a.type === b.type && content(a) === content(b) && a.priority === b.priority;
}

type IdentitySpec = Pick<RecordSpec, "type" | "content" | "priority">;

/**
 * Plans records so that a change of their types at a name converges in one run. Pure.
 *
 * The one record that says where a name leads has a logical name without its type. A CNAME that becomes an address is then
 * one resource that is replaced, and the engine deletes the old record before it makes the new one. Several such records at
 * a name are named by their content, so that each can be added and removed on its own. The first of them takes over from a
 * single record, and the others wait for it.
 */
export function planRecords(records: readonly RecordSpec[]): PlannedRecord[] {
  const leading = new Map<string, RecordSpec[]>();
  for (const record of records) {
    if (KINDS[record.type] === undefined) continue;
    leading.set(record.host, [...(leading.get(record.host) ?? []), record]);
  }
  // By content and not as written: the order of the file must not matter.
  for (const beside of leading.values()) beside.sort((a, b) => (contentName(a) < contentName(b) ? -1 : 1));
  return records.map((record) => {
    const own = contentName(record);
    const beside = leading.get(record.host) ?? [];
    if (KINDS[record.type] === undefined) return { name: own, record, formerly: [] };
    const single = `${record.host}/target`;
    const typed = Object.keys(KINDS).map((type) => `${record.host}/${type}`);
    if (beside.length === 1) return { name: single, record, formerly: [own, ...typed] };
    const first = beside[0] as RecordSpec;
    if (record === first) return { name: own, record, formerly: [single, ...typed] };
    return { name: own, record, formerly: [], after: contentName(first) };
  });
}

const contentName = ({ host, type, content }: RecordSpec): string => `${host}/${type}/${content}`;
