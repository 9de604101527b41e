/** Record types that Cloudflare knows. */
export const RECORD_TYPES = [
  ...["A", "AAAA", "CAA", "CERT", "CNAME", "DNSKEY", "DS", "HTTPS", "LOC", "MX", "NAPTR", "NS", "OPENPGPKEY"],
  ...["PTR", "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI"],
];

/** One DNS record as the API shows it. */
export interface DnsRecord {
  readonly id: string;
  /** Full name, lower case, without a final dot. */
  readonly name: string;
  readonly type: string;
  readonly content: string;
  readonly proxiable: boolean;
  readonly proxied: boolean;
  /** Seconds; 1 is automatic. */
  readonly ttl: number;
  readonly priority?: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, boolean>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly comment: string | null;
  readonly tags: readonly string[];
  readonly created_on: string;
  readonly modified_on: string;
  readonly comment_modified_on?: string;
  readonly tags_modified_on?: string;
}

/** The records of one zone, in the order they were made, with an index by name. */
export class RecordSet {
  readonly #byId: Map<string, DnsRecord>;
  readonly #byName: Map<string, Set<string>>;

  constructor(records: Iterable<DnsRecord> = []) {
    this.#byId = new Map();
    this.#byName = new Map();
    for (const record of records) this.put(record);
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): DnsRecord | undefined {
    return this.#byId.get(id);
  }

  /** Records at exactly this name. */
  at(name: string): DnsRecord[] {
    return [...(this.#byName.get(name) ?? [])].flatMap((id) => this.#byId.get(id) ?? []);
  }

  /** True when anything exists at the name or below it, which hides a wildcard there. */
  covers(name: string): boolean {
    if (this.#byName.has(name)) return true;
    const suffix = `.${name}`;
    for (const other of this.#byName.keys()) if (other.endsWith(suffix)) return true;
    return false;
  }

  /** Adds a record, or replaces the one with its id. */
  put(record: DnsRecord): void {
    this.remove(record.id, true);
    this.#byId.set(record.id, record);
    const ids = this.#byName.get(record.name) ?? new Set();
    ids.add(record.id);
    this.#byName.set(record.name, ids);
  }

  /** @param keepPlace true when a new version of the record follows at once */
  remove(id: string, keepPlace = false): DnsRecord | undefined {
    const record = this.#byId.get(id);
    if (record === undefined) return undefined;
    if (!keepPlace) this.#byId.delete(id);
    const ids = this.#byName.get(record.name);
    ids?.delete(id);
    if (ids?.size === 0) this.#byName.delete(record.name);
    return record;
  }

  all(): DnsRecord[] {
    return [...this.#byId.values()];
  }

  /** An independent copy, for changes that must happen together or not at all. */
  clone(): RecordSet {
    return new RecordSet(this.#byId.values());
  }
}
