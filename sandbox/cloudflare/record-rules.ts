import { randomBytes } from "node:crypto";
import { isHostName, isProxiable, normaliseContent } from "./record-content.ts";
import { type DnsRecord, RECORD_TYPES, type RecordSet } from "./record-set.ts";
import { CloudflareError } from "./reply.ts";

const SAME_NAME =
  "For more details, refer to <https://developers.cloudflare.com/dns/manage-dns-records/troubleshooting/records-with-same-name/>.";

/** What a rule needs to know of the zone. */
export interface ZoneFacts {
  readonly name: string;
  /** Smallest TTL in seconds: 30 on enterprise plans, 60 on others (Cloudflare: "TTL" in DNS reference). */
  readonly minTtl: number;
}

/**
 * A record made of what a client sent: names completed and lower-cased, TTL forced where proxied, defaults filled in.
 * @param previous the record that this one replaces, keeping its id and time of creation
 * @throws CloudflareError 400 for whatever the API refuses
 */
export function makeRecord(
  zone: ZoneFacts,
  input: Readonly<Record<string, unknown>>,
  now: string,
  previous?: DnsRecord,
): DnsRecord {
  const type = typeOf(input.type);
  const name = fullName(input.name, zone.name);
  const data = objectOf(input.data);
  const content = normaliseContent(type, stringOf(input.content, "content"), data);
  if (type === "CNAME" && content === name)
    throw new CloudflareError(400, 9039, "CNAME content cannot reference itself.");
  const proxied = booleanOf(input.proxied, "proxied");
  if (proxied && !isProxiable(type, content))
    throw new CloudflareError(400, 9004, "This record type cannot be proxied.");
  const priority = priorityOf(type, input.priority, data);
  const comment = stringOf(input.comment, "comment") || null;
  const tags = tagsOf(input.tags);
  const record: DnsRecord = {
    id: previous?.id ?? randomBytes(16).toString("hex"),
    name,
    type,
    content,
    proxiable: isProxiable(type, content),
    proxied,
    ttl: proxied ? 1 : ttlOf(input.ttl, zone.minTtl),
    ...(priority === undefined ? {} : { priority }),
    ...(data === undefined ? {} : { data }),
    settings: settingsOf(type, objectOf(input.settings)),
    meta: {},
    comment,
    tags,
    created_on: previous?.created_on ?? now,
    modified_on: now,
  };
  const commented = comment === (previous?.comment ?? null) ? previous?.comment_modified_on : now;
  const tagged = String(tags) === String(previous?.tags ?? []) ? previous?.tags_modified_on : now;
  return {
    ...record,
    ...(commented === undefined || comment === null ? {} : { comment_modified_on: commented }),
    ...(tagged === undefined || tags.length === 0 ? {} : { tags_modified_on: tagged }),
  };
}

/** What PATCH starts from: the fields a client could have sent to make `record`. */
export function inputOf(record: DnsRecord): Record<string, unknown> {
  const { name, type, content, proxied, ttl, priority, data, settings, comment, tags } = record;
  return { name, type, content, proxied, ttl, priority, data, settings, comment, tags };
}

/**
 * Refuses what cannot stand beside the zone's other records.
 * @throws CloudflareError 400 with 81058 (identical), 81053, 81054 or 81056 (names that exclude each other)
 */
export function checkConflicts(records: RecordSet, record: DnsRecord): void {
  const others = records.at(record.name).filter((other) => other.id !== record.id);
  const has = (...types: string[]): boolean => others.some((other) => types.includes(other.type));
  if (others.some((other) => isIdentical(other, record))) {
    throw new CloudflareError(400, 81058, "An identical record already exists.");
  }
  const address = record.type === "A" || record.type === "AAAA";
  if ((record.type === "CNAME" || record.type === "NS") && has("A", "AAAA", "CNAME")) {
    throw new CloudflareError(400, 81053, `An A, AAAA, or CNAME record with that host already exists. ${SAME_NAME}`);
  }
  if (address && has("CNAME")) {
    throw new CloudflareError(400, 81054, `A CNAME record with that host already exists. ${SAME_NAME}`);
  }
  if ((address || record.type === "CNAME") && has("NS")) {
    throw new CloudflareError(400, 81056, `NS records with that host already exist. ${SAME_NAME}`);
  }
}

function isIdentical(a: DnsRecord, b: DnsRecord): boolean {
  return a.type === b.type && a.content === b.content && a.priority === b.priority;
}

function typeOf(value: unknown): string {
  if (typeof value !== "string") throw new CloudflareError(400, 9000, "type is a required field.");
  const type = value.toUpperCase();
  if (!RECORD_TYPES.includes(type)) throw new CloudflareError(400, 9000, `DNS record type ${value} is not supported.`);
  return type;
}

/** `@`, a relative or a full name → the full one. Names outside the zone count as relative, as with the real API. */
function fullName(value: unknown, zone: string): string {
  if (typeof value !== "string" || value === "") throw new CloudflareError(400, 9000, "name is a required field.");
  const lower = value.trim().toLowerCase().replace(/\.$/, "");
  const name = lower === "@" ? zone : lower === zone || lower.endsWith(`.${zone}`) ? lower : `${lower}.${zone}`;
  const plain = name.startsWith("*.") ? name.slice(2) : name;
  if (!isHostName(plain)) throw new CloudflareError(400, 9000, "DNS name is invalid.");
  return name;
}

function ttlOf(value: unknown, min: number): number {
  if (value === undefined || value === null) return 1;
  if (typeof value !== "number" || !Number.isInteger(value) || (value !== 1 && (value < min || value > 86_400))) {
    throw new CloudflareError(400, 9021, `Invalid TTL. Must be between ${min} and 86400 seconds, or 1 for Automatic.`);
  }
  return value;
}

function priorityOf(
  type: string,
  value: unknown,
  data: Readonly<Record<string, unknown>> | undefined,
): number | undefined {
  const wanted = type === "MX" || type === "URI" ? value : type === "SRV" ? (value ?? data?.priority) : undefined;
  if (type !== "MX" && type !== "URI" && type !== "SRV") return undefined;
  if (wanted === undefined || wanted === null) throw new CloudflareError(400, 9000, "priority is a required field.");
  if (typeof wanted !== "number" || !Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new CloudflareError(400, 9000, "priority must be an integer between 0 and 65535.");
  }
  return wanted;
}

/** Only CNAMEs have settings of their own (`flatten_cname`); the others answer with an empty object. */
function settingsOf(type: string, input: Readonly<Record<string, unknown>> | undefined): Record<string, boolean> {
  const settings: Record<string, boolean> = type === "CNAME" ? { flatten_cname: false } : {};
  for (const [key, value] of Object.entries(input ?? {})) if (typeof value === "boolean") settings[key] = value;
  return settings;
}

function tagsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((tag) => typeof tag !== "string")) {
    throw new CloudflareError(400, 9000, "tags must be a list of strings.");
  }
  return [...(value as string[])];
}

function stringOf(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new CloudflareError(400, 9000, `${field} must be a string.`);
  return value;
}

function booleanOf(value: unknown, field: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw new CloudflareError(400, 9000, `${field} must be a boolean.`);
  return value;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value))
    throw new CloudflareError(400, 9207, "Request body is invalid.");
  return value as Record<string, unknown>;
}
