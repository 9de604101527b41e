import { domainToASCII, domainToUnicode } from "node:url";
import { show } from "./problem.ts";

/** Longest host name without a trailing dot, RFC 1035 2.3.4 (255 octets on the wire). */
export const HOST_MAX = 253;
/** Longest label, RFC 1035 2.3.4. */
const LABEL_MAX = 63;

/** Either the normal form (lower case, punycode), or what is wrong and what would be right. */
export type NameResult = { readonly name: string } | { readonly wrong: string; readonly allowed: string };

const LDH = /^[a-z0-9-]+$/;

/**
 * Brings a DNS name to its normal form. Unicode becomes punycode. Upper case is refused, not lowered: the catalog's text
 * would differ from what Cloudflare answers, and two spellings of one name would look like two.
 * @param underscore also accept labels that begin with `_`, as records have them. @default false
 */
export function normaliseName(text: string, options: { underscore?: boolean } = {}): NameResult {
  if (text === "") return { wrong: "is empty", allowed: "a host name" };
  if (text.trim() !== text)
    return { wrong: `${show(text)} begins or ends with white space`, allowed: "a bare host name" };
  if (text !== text.toLowerCase()) {
    return { wrong: `${show(text)} has upper case`, allowed: `lower case only: ${show(text.toLowerCase())}` };
  }
  if (text.endsWith(".")) return { wrong: `${show(text)} ends with a dot`, allowed: "no trailing dot" };
  const ascii = isAscii(text) ? text : toPunycode(text);
  if (typeof ascii !== "string") return ascii;
  for (const label of ascii.split(".")) {
    const wrong = labelProblem(options.underscore && label.startsWith("_") ? label.slice(1) : label, text);
    if (wrong) return wrong;
  }
  if (ascii.length > HOST_MAX) {
    return { wrong: `has ${ascii.length} characters`, allowed: `at most ${HOST_MAX} in the whole host name` };
  }
  return { name: ascii };
}

function labelProblem(label: string, whole: string): { wrong: string; allowed: string } | undefined {
  if (label === "") return { wrong: `${show(whole)} has an empty label`, allowed: "one dot between labels" };
  if (!LDH.test(label)) {
    return { wrong: `${show(whole)} has a character that no host name may have`, allowed: "a-z, 0-9 and hyphens" };
  }
  if (label.length > LABEL_MAX) {
    return { wrong: `label ${show(label)} has ${label.length} characters`, allowed: `at most ${LABEL_MAX} a label` };
  }
  if (label.startsWith("-") || label.endsWith("-")) {
    return { wrong: `label ${show(label)} begins or ends with a hyphen`, allowed: "a letter or digit at both ends" };
  }
  // Let's Encrypt signs neither broken punycode nor other labels with hyphens in third and fourth place (RFC 5890, R-LDH).
  if (label.slice(2, 4) === "--") {
    const decoded = label.startsWith("xn--") ? domainToUnicode(`${label}.test`).slice(0, -5) : "";
    if (decoded === "" || decoded === label || domainToASCII(`${decoded}.test`) !== `${label}.test`) {
      return {
        wrong: `label ${show(label)} has hyphens in third and fourth place without being valid punycode`,
        allowed: "another name, or the Unicode spelling",
      };
    }
  }
  return undefined;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7e) return false;
  return true;
}

function toPunycode(text: string): string | { wrong: string; allowed: string } {
  // The suffix keeps `domainToASCII` from reading a number as an IPv4 address.
  const ascii = domainToASCII(`${text}.test`).slice(0, -5);
  if (ascii === "")
    return { wrong: `${show(text)} is not a valid internationalised name`, allowed: "letters of IDNA 2008" };
  // IDNA maps look-alikes (ligatures, full-width forms): what is written must be what is served.
  const back = domainToUnicode(`${ascii}.test`).slice(0, -5);
  if (back !== text.normalize("NFC")) {
    return { wrong: `${show(text)} would be served as ${show(back)}`, allowed: "the name as it is served" };
  }
  return ascii;
}

/** Is `host` the zone itself or below it? */
export function isInZone(host: string, zone: string): boolean {
  return host === zone || host.endsWith(`.${zone}`);
}

/** The name and every parent below the zone, nearest first: `a.b.z` in zone `z` gives `a.b.z`, `b.z`. */
export function namesBelowZone(host: string, zone: string): string[] {
  const names: string[] = [];
  for (let name = host; name !== zone && name.endsWith(`.${zone}`); name = name.slice(name.indexOf(".") + 1)) {
    names.push(name);
  }
  return names;
}

/** Tags of CAA properties: https://www.iana.org/assignments/pkix-parameters#caa-properties, read November 2026. */
export const CAA_TAGS = [
  "issue",
  "issuewild",
  "iodef",
  "issuemail",
  "issuevmc",
  "contactemail",
  "contactphone",
] as const;

/** `name=value` of an issue property: RFC 8659 4.2. */
const PARAMETER = /^[a-z0-9]+(?:-+[a-z0-9]+)*\s*=\s*[\x21-\x3a\x3c-\x7e]*$/i;

/**
 * Parts of a CAA record's content `<flags> <tag> <value>`, quotes around the value removed; undefined when malformed. The
 * value may have parameters: `letsencrypt.org; validationmethods=dns-01` (RFC 8657). `;` alone forbids every authority.
 */
export function caaData(content: string): { flags: number; tag: string; value: string } | undefined {
  const match = /^(\d{1,3})\s+([A-Za-z0-9]+)\s+(?:"([^"]*)"|([^"]*))$/.exec(content.trim());
  const [, flags, tag = "", quoted, bare] = match ?? [];
  const value = (quoted ?? bare ?? "").trim();
  const known = tag.toLowerCase();
  if (flags === undefined || Number(flags) > 255 || value === "") return undefined;
  if (!(CAA_TAGS as readonly string[]).includes(known) || !caaValueFits(known, value)) return undefined;
  return { flags: Number(flags), tag: known, value };
}

function caaValueFits(tag: string, value: string): boolean {
  // Printable ASCII; a backslash would be read as an escape by some and not by others.
  if (!/^[\x20-\x7e]+$/.test(value) || value.includes("\\")) return false;
  if (tag === "iodef") return /^(mailto:|https?:\/\/)\S+$/.test(value);
  if (tag === "contactemail") return /^\S+@\S+$/.test(value);
  if (tag === "contactphone") return /^[+0-9][0-9().\s-]*$/.test(value);
  // issuevmc and issuemail have the form of issue (RFC 9495, and the verified mark certificate requirements).
  const [issuer = "", ...parameters] = value.split(";").map((part) => part.trim());
  const used = parameters.filter((part, index) => part !== "" || index < parameters.length - 1);
  return (issuer === "" || "name" in normaliseName(issuer.toLowerCase())) && used.every((part) => PARAMETER.test(part));
}
