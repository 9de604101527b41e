import type { DnsRecord, RecordSet } from "./record-set.ts";

type Test = (record: DnsRecord) => boolean;

const OPERATORS: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  "": (value, wanted) => value === wanted,
  exact: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  startswith: (value, wanted) => value.startsWith(wanted),
  endswith: (value, wanted) => value.endsWith(wanted),
};

const ORDERS: Readonly<Record<string, (record: DnsRecord) => string | number>> = {
  type: (record) => record.type,
  name: (record) => record.name,
  content: (record) => record.content,
  ttl: (record) => record.ttl,
  proxied: (record) => Number(record.proxied),
};

/** The records that a list call asks for, in the order it asks for (default: as they were made). */
export function filterRecords(records: RecordSet, query: URLSearchParams): DnsRecord[] {
  const tests: Test[] = [];
  for (const [key, raw] of query) {
    const [field = "", operator = ""] = key.split(".");
    const wanted = raw.toLowerCase();
    const compare = OPERATORS[operator];
    if (field === "type") tests.push((record) => record.type.toLowerCase() === wanted);
    else if (field === "proxied") tests.push((record) => String(record.proxied) === wanted);
    else if (field === "search")
      tests.push((record) =>
        [record.name, record.content, record.comment ?? ""].some((text) => text.toLowerCase().includes(wanted)),
      );
    else if (compare === undefined) continue;
    else if (field === "name") tests.push((record) => compare(record.name, wanted));
    else if (field === "content") tests.push((record) => compare(record.content.toLowerCase(), wanted));
    else if (field === "comment") tests.push((record) => compare((record.comment ?? "").toLowerCase(), wanted));
  }
  // The usual question, "what is at this name", must not cost a walk through the zone.
  const exact = query.get("name") ?? query.get("name.exact");
  const any = query.get("match") === "any";
  const candidates = exact === null || any ? records.all() : records.at(exact.toLowerCase());
  const found = candidates.filter((record) =>
    any && tests.length > 0 ? tests.some((test) => test(record)) : tests.every((test) => test(record)),
  );
  const key = ORDERS[query.get("order") ?? ""];
  if (key === undefined) return found;
  const sign = query.get("direction") === "desc" ? -1 : 1;
  return found.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}
