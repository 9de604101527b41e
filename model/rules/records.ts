import { isIPv4 } from "node:net";
import { canonicalIPv6, isMappedIPv4 } from "../canonical.ts";
import { CAA_TAGS, caaData, normaliseName } from "../dns.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { DnsRecord, Zone } from "../types.ts";

/** What each record must hold to by itself. */
export function recordRules(entry: Entry<Zone>, report: Report): void {
  const zone = entry.value;
  const seen = new Map<string, number>();
  checkSets(entry, report);
  for (const [index, record] of zone.records.entries()) {
    const at = (field: string) => entry.at("records", index, field);
    const content = contentProblem(record, zone);
    if (content) report("record.content", at("content"), `${show(record.content)} ${content[0]}`, content[1]);
    checkTtl(record, zone, (wrong, allowed) => report("record.ttl", at("ttl"), wrong, allowed));
    checkProxied(record, (wrong, allowed) => report("record.proxied", at("proxied"), wrong, allowed));
    if ((record.type === "MX") !== (record.priority !== undefined)) {
      const wrong = record.type === "MX" ? "is missing" : `is not for ${record.type}`;
      report("record.priority", at("priority"), wrong, "a priority on MX records and on no others");
    }
    const key = `${record.host} ${record.type} ${record.content}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at("name").line);
    else
      report(
        "record.duplicate",
        at("name"),
        `${show(key)} stands a second time, first in line ${first}`,
        "one of them",
      );
  }
}

function contentProblem(record: DnsRecord, zone: Zone): [string, string] | undefined {
  const { type, content, host } = record;
  switch (type) {
    case "A":
      return isIPv4(content) ? undefined : ["is no IPv4 address", "an IPv4 address such as 203.0.113.7"];
    case "AAAA":
      if (isMappedIPv4(content))
        return ["is an IPv4 address in IPv6 form, which no visitor can reach", "an A record with the IPv4 address"];
      return canonicalIPv6(content) === undefined
        ? ["is no IPv6 address", "an IPv6 address such as 2001:db8::7"]
        : undefined;
    case "CAA":
      return caaData(content)
        ? undefined
        : [
            "is no CAA value",
            `<0-255> <${CAA_TAGS.join("|")}> <value>, e.g. 0 issue letsencrypt.org; validationmethods=dns-01`,
          ];
    case "TXT":
      // Cloudflare stores what is sent and adds quotes itself; written ones would differ on every refresh.
      if (content.startsWith('"')) return ["is quoted", "the bare text"];
      if (content.includes('"')) return ["has quotes, which end a text at Cloudflare", "the text without quotes"];
      // Copied from a zone file: `v=DKIM1\; k=rsa` would be answered with the backslash.
      if (content.includes("\\")) return ["has a backslash, as zone files escape with", "the bare text, not escaped"];
      return content.trim() === content
        ? undefined
        : ["begins or ends with white space, which Cloudflare drops", "the text without it"];
    case "MX":
      // The null MX: this name takes no mail, RFC 7505.
      if (content === ".") return nullMxProblem(record, zone);
      if (/^\d+ /.test(content))
        return ["holds a priority", `content and priority apart: priority: ${Number.parseInt(content, 10)}`];
      break;
    case "NS":
      if (host === zone.name) return ["would replace the zone's own name servers", "NS records below the zone only"];
  }
  const named = normaliseName(content, { underscore: true });
  if ("wrong" in named) return [`is no host name (it ${named.wrong})`, named.allowed];
  if (named.name !== content) return ["is not punycode", show(named.name)];
  if (isIPv4(content) || !content.includes("."))
    return ["is no full host name", "a host name such as mail.example.org"];
  if (content === host) return ["points at itself", "another host"];
  return undefined;
}

function nullMxProblem({ host, priority }: DnsRecord, { records }: Zone): [string, string] | undefined {
  if (priority !== 0) return ["is the null MX (no mail) with another priority", "priority: 0 (RFC 7505)"];
  const others = records.filter((other) => other.type === "MX" && other.host === host).length;
  return others > 1 ? ["is the null MX (no mail) beside other MX records", "it alone, or no such record"] : undefined;
}

/**
 * Characters of all records of one name and type together:
 * https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/, read November 2026.
 */
const SET_MAX = 8192;

/** Reports, once for each name and type, at the record with which it becomes too much. */
function checkSets(entry: Entry<Zone>, report: Report): void {
  const sums = new Map<string, number>();
  for (const [index, { host, type, content }] of entry.value.records.entries()) {
    const key = `${type} ${host}`;
    const before = sums.get(key) ?? 0;
    const after = before + content.length;
    sums.set(key, after);
    if (before > SET_MAX || after <= SET_MAX) continue;
    const wrong = `the ${type} records of ${show(host)} have more than ${SET_MAX} characters together`;
    report("record.set-size", entry.at("records", index, "content"), wrong, `at most ${SET_MAX} a name and type`);
  }
}

/** terraform-provider-cloudflare, docs/resources/dns_record.md, `ttl`: 1, or 60 to 86400; from 30 on Enterprise zones. */
function checkTtl(record: DnsRecord, zone: Zone, wrong: (wrong: string, allowed: string) => void): void {
  const least = zone.plan === "enterprise" ? 30 : 60;
  if (record.ttl === 1 || (record.ttl >= least && record.ttl <= 86400)) return;
  wrong(`${record.ttl} is out of range`, `1 (automatic), or ${least} to 86400 seconds`);
}

function checkProxied(record: DnsRecord, wrong: (wrong: string, allowed: string) => void): void {
  if (!record.proxied) return;
  if (record.type !== "A" && record.type !== "AAAA" && record.type !== "CNAME") {
    wrong(`a ${record.type} record cannot be proxied`, "proxied A, AAAA and CNAME records");
  }
  // Passes Cloudflare's preview and fails when it is created.
  if (record.ttl !== 1) wrong(`is proxied with ttl ${record.ttl}`, "ttl 1 on proxied records");
  if (/(^|\.)(vercel-dns\.com|vercel-dns-\d+\.com|vercel\.app)$/.test(record.content)) {
    wrong("puts a proxy in front of Vercel", "proxied: false for what points at Vercel");
  }
}
