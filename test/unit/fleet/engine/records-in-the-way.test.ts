import { describe, expect, it } from "vitest";
import { planRecords, type RecordSpec } from "../../../../components/dns/plan.ts";
import { recordsInTheWay } from "../../../../fleet/engine/records-in-the-way.ts";
import { recordArgs } from "../../../../vendors/cloudflare/dns-plan.ts";

// What breaks when these fail: `sitefleet up` deletes a record too many, or too few, and Cloudflare refuses the new ones on
// every run. test/engine/dns-changes.test.ts tries whole sequences with the real engine.

const host = "www.example.org";
const record = (type: string, content: string, more: Partial<RecordSpec> = {}): RecordSpec => ({
  ...{ host, type, content, ttl: 1, proxied: false },
  ...more,
});
const a1 = record("A", "192.0.2.1");
const a2 = record("A", "192.0.2.2");
const cname = record("CNAME", "c.example.org");
const txt = record("TXT", "hello");

const urnOf = (name: string) =>
  `urn:pulumi:prod::sitefleet::sitefleet:cloudflare:WildcardZone$cloudflare:index/dnsRecord:DnsRecord::${name}`;
/** A state that holds these records. */
const stateOf = (records: readonly RecordSpec[]) =>
  planRecords(records).map(({ name, record }) => ({
    urn: urnOf(name),
    type: "cloudflare:index/dnsRecord:DnsRecord",
    inputs: recordArgs(record, ""),
  }));

describe("logical names of DNS records", () => {
  const names = (...records: RecordSpec[]) => planRecords(records).map(({ name }) => name);

  it("have no type where one record says what a name leads to, and its content where there are several", () => {
    expect(names(cname, txt)).toEqual([`${host}/target`, `${host}/TXT/hello`]);
    expect(names(a1)).toEqual([`${host}/target`]);
    expect(names(a1, a2)).toEqual([`${host}/A/192.0.2.1`, `${host}/A/192.0.2.2`]);
  });

  it("do not follow the order of the file", () => {
    const sorted = (records: RecordSpec[]) => planRecords(records).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(sorted([a2, a1])).toEqual(sorted([a1, a2]));
  });

  it("take over what earlier states call by type or content", () => {
    expect(planRecords([cname])[0]?.formerly).toEqual(
      expect.arrayContaining([`${host}/CNAME`, `${host}/A`, `${host}/AAAA`, `${host}/CNAME/c.example.org`]),
    );
  });
});

describe("records in the way", () => {
  it("are those that exclude new ones and are not replaced by them", () => {
    expect(recordsInTheWay(stateOf([a1, a2, txt]), [cname, txt])).toEqual(
      [a1, a2].map(({ content }) => urnOf(`${host}/A/${content}`)),
    );
  });

  it("are none where the engine replaces one record or where old and new can stand together", () => {
    expect(recordsInTheWay(stateOf([cname]), [a1])).toEqual([]);
    expect(recordsInTheWay(stateOf([a1]), [cname])).toEqual([]);
    expect(recordsInTheWay(stateOf([cname]), [a1, a2])).toEqual([]);
    expect(recordsInTheWay(stateOf([a1, a2]), [a2])).toEqual([]);
    expect(recordsInTheWay(stateOf([a1, a2]), [])).toEqual([]);
    expect(recordsInTheWay(stateOf([txt]), [cname])).toEqual([]);
  });

  it("are identical ones under another logical name, and never those of other hosts or those already going", () => {
    const old = [
      { urn: urnOf("from/elsewhere"), type: "cloudflare:index/dnsRecord:DnsRecord", inputs: { ...a1, name: host } },
    ];
    expect(recordsInTheWay(old, [a1, a2])).toEqual([urnOf("from/elsewhere")]);
    expect(recordsInTheWay(old, [record("CNAME", "c.example.org", { host: "other.example.org" })])).toEqual([]);
    expect(recordsInTheWay([{ ...old[0]!, delete: true }], [cname])).toEqual([]);
  });
});
