import { isIPv4, isIPv6 } from "node:net";
import { caaData, normaliseName } from "../dns.ts";
import { type Entry, type Report, show } from "../problem.ts";
import type { DnsRecord, Zone } from "../types.ts";

/** What each record must hold to by itself. */
export function recordRules(entry: Entry<Zone>, report: Report): void {
  const zone = entry.value;
  const seen = new Map<string, number>();
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
      return isIPv6(content) && !content.includes("%")
        ? undefined
        : ["is no IPv6 address", "an IPv6 address such as 2001:db8::7"];
    case "CAA":
      return caaData(content) ? undefined : ["is no CAA value", "<0-255> <issue|issuewild|iodef> <value>"];
    case "TXT":
      // Cloudflare stores what is sent and adds quotes itself; written ones would differ on every refresh.
      return content.startsWith('"') ? ["is quoted", "the bare text"] : undefined;
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
