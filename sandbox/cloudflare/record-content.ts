import { isIPv4, isIPv6 } from "node:net";
import { CloudflareError } from "./reply.ts";

/** Types whose content is made from `data`. */
const DATA_FIELDS: Readonly<Record<string, readonly string[]>> = {
  CAA: ["flags", "tag", "value"],
  CERT: ["type", "key_tag", "algorithm", "certificate"],
  DNSKEY: ["flags", "protocol", "algorithm", "public_key"],
  DS: ["key_tag", "algorithm", "digest_type", "digest"],
  HTTPS: ["priority", "target", "value"],
  LOC: ["lat_degrees", "lat_minutes", "lat_seconds", "lat_direction", "long_degrees", "long_minutes"],
  NAPTR: ["order", "preference", "flags", "service", "regex", "replacement"],
  SMIMEA: ["usage", "selector", "matching_type", "certificate"],
  SRV: ["weight", "port", "target"],
  SSHFP: ["algorithm", "type", "fingerprint"],
  SVCB: ["priority", "target", "value"],
  TLSA: ["usage", "selector", "matching_type", "certificate"],
  URI: ["weight", "target"],
};

/** Fields of `data` that are written in quotes in the record's presentation form. */
const QUOTED = new Set(["CAA.value", "URI.target", "NAPTR.flags", "NAPTR.service", "NAPTR.regex"]);

/**
 * The content as Cloudflare stores and shows it.
 * @throws CloudflareError 400 with the code of the type when it is not valid
 */
export function normaliseContent(
  type: string,
  content: string | undefined,
  data: Readonly<Record<string, unknown>> | undefined,
): string {
  const fields = DATA_FIELDS[type];
  if (fields !== undefined && data !== undefined) return contentOfData(type, fields, data);
  if (content === undefined || content === "") throw new CloudflareError(400, 9000, "content is a required field.");
  switch (type) {
    case "A":
      if (!isIPv4(content)) throw new CloudflareError(400, 9005, "Content for A record must be a valid IPv4 address.");
      return content;
    case "AAAA":
      if (!isIPv6(content))
        throw new CloudflareError(400, 9006, "Content for AAAA record must be a valid IPv6 address.");
      return new URL(`http://[${content}]/`).hostname.slice(1, -1);
    case "CNAME":
      return hostOf(content, 9007, "CNAME");
    case "MX":
      // The null MX of RFC 7505: Cloudflare takes it (dnscontrol, providers/cloudflare/auditrecords.go, refuses it for others only).
      if (content === ".") return content;
      return hostOf(content, 9009, "MX");
    case "NS":
      return hostOf(content, 9008, "NS");
    case "PTR":
      return hostOf(content, 9010, "PTR");
    case "TXT":
      // 2048 is the limit of Cloudflare's documentation for a TXT record's content.
      if (content.length > 2048) throw new CloudflareError(400, 9013, "Content for TXT record is too long.");
      return content;
    default:
      return content;
  }
}

function hostOf(content: string, code: number, type: string): string {
  const host = content.toLowerCase().replace(/\.$/, "");
  if (isIPv4(host) || !isHostName(host)) throw new CloudflareError(400, code, `Content for ${type} record is invalid.`);
  return host;
}

/** Labels of up to 63 characters, underscores allowed, at most 253 in all. */
export function isHostName(host: string): boolean {
  return host.length <= 253 && host.split(".").every((label) => /^(?!-)[\p{L}\p{N}_-]{1,63}(?<!-)$/u.test(label));
}

function contentOfData(type: string, fields: readonly string[], data: Readonly<Record<string, unknown>>): string {
  const parts = fields.map((field) => {
    const value = data[field];
    if (value === undefined || value === null) {
      if (type === "HTTPS" || type === "SVCB") return "";
      throw new CloudflareError(400, 9101, `${field} is a required data field.`);
    }
    return QUOTED.has(`${type}.${field}`) ? `"${String(value)}"` : String(value);
  });
  return parts.join(" ").trim();
}

/** Private and reserved IPv4 ranges, which cannot be proxied. */
const UNPROXIABLE = /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.)/;

/** Whether Cloudflare can stand in front of the record. */
export function isProxiable(type: string, content: string): boolean {
  if (type === "A") return !UNPROXIABLE.test(content);
  return type === "AAAA" || type === "CNAME";
}
