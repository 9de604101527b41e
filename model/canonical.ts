import { isIPv4, isIPv6 as isIPv6Text } from "node:net";
import { caaData, normaliseName } from "./dns.ts";

/** Whether a text is an IPv6 address. Node makes a regular expression for its first answer, in 10 ms: most texts need none. */
export const isIPv6 = (text: string): boolean => text.includes(":") && isIPv6Text(text);

// One function for each kind of value that has several spellings. They are used where a file is read. So rules, digests and resources
// see one form, the form in which vendors answer. Each is idempotent.

/**
 * An IPv6 address as RFC 5952 writes it: lower case, no leading zeros, the longest run of zeros as `::`. Undefined for
 * anything else, for an address with a zone, and for an IPv4 address in IPv6 form (`::ffff:203.0.113.7`): no visitor can
 * reach that one.
 */
export function canonicalIPv6(text: string): string | undefined {
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const short = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  return isMappedIPv4(short) ? undefined : short;
}

/** Whether an IPv6 address only wraps an IPv4 one, in any spelling. */
export function isMappedIPv4(text: string): boolean {
  return isIPv6(text) && !text.includes("%") && new URL(`http://[${text}]/`).hostname.startsWith("[::ffff:");
}

/** What a DNS record can point at: an address or a host name. Undefined when the text is neither. */
export function canonicalTarget(text: string): { type: "A" | "AAAA" | "CNAME"; content: string } | undefined {
  if (isIPv4(text)) return { type: "A", content: text };
  const address = canonicalIPv6(text);
  if (address !== undefined) return { type: "AAAA", content: address };
  if (isIPv6(text)) return undefined;
  const named = normaliseName(text);
  return "name" in named ? { type: "CNAME", content: named.name } : undefined;
}

/**
 * A CAA record's content as `<flags> <tag> <value>`: without leading zeros, the tag in lower case (RFC 8659 4.1), no quotes
 * around the value. Undefined when it is none.
 */
function canonicalCaa(text: string): string | undefined {
  const data = caaData(text);
  return data && `${data.flags} ${data.tag} ${data.value}`;
}

/** A DNS record's content in its one form; a text that does not fit the type stays as it is, for the rules to report. */
export function canonicalContent(type: string, content: string): string {
  if (type === "AAAA") return canonicalIPv6(content) ?? content;
  if (type === "CAA") return canonicalCaa(content) ?? content;
  return content;
}

/** A public SSH key as `type base64`: without the comment that `.pub` files end with. */
export function canonicalKey(text: string): string {
  return text.trim().split(/\s+/).slice(0, 2).join(" ");
}

/** The address of a web server: host in lower case, no port where it is the scheme's own. */
export function canonicalOrigin(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
