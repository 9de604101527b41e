import { isIPv4, isIPv6 } from "node:net";
import { judged, most, notRun } from "../judge.ts";
import type { Finding, Judged } from "../types.ts";

/** What of a person may stand in a log. */
type Kind = "mail address" | "IBAN" | "phone number" | "IP address" | "name";

/** Longest line that is looked at, characters: what is longer is cut. */
const LONGEST_LINE = 8192;

/** A line of a log. */
export interface LogLine {
  readonly file: string;
  /** From 1, of what was read. */
  readonly line: number;
  readonly text: string;
}

const MAIL = /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,6}/gu;
/** Addresses that are of no person: examples (RFC 2606), and what a program calls itself. */
const NO_PERSON =
  /^(?:no-?reply|postmaster|mailer-daemon|root|git)(?:@|%40)|(?:@|%40)(?:localhost|example\.(?:com|org|net)|.*\.(?:invalid|test|example))$/i;
const IBAN = /\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![A-Z0-9])/g;
/** Austrian and German numbers with a country code, or an area code that a separator follows. */
const PHONE =
  /(?<![\w.+/-])(?:(?:\+|00)4[39][\s/-]?\(?0?\)?[\s/-]?\d{1,5}(?:[\s/-]?\d){4,11}|\(?0[1-9]\d{0,4}\)?[\s]?[/-][\s]?\d{2,}(?:[\s/-]?\d){3,9}|06(?:50|6[0-9]|7[0-9]|8[0-9]|99)[\s]\d{3}[\s]?\d{2,}(?:[\s]?\d){0,6})(?![\w-])/g;
const V4 = /(?<![\w./-])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)/g;
const V6 = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
/** Addresses of no visitor: this machine, private networks, documentation (RFC 1918, 4193, 4291, 5737, 3849), and addresses whose end was zeroed. */
const NO_VISITOR_V4 =
  /^(?:0|10|127|255)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|^192\.0\.2\.|^198\.51\.100\.|^203\.0\.113\.|\.0$/;
const NO_VISITOR_V6 = /^(?:::1?$|fe[89ab]|f[cd]|2001:0?db8)|::$|:0$/i;
/** A name after a form of address or title, with a capital. */
const TITLED =
  /\b(?:Herrn?|Frau|Familie|Dr\.|Mag\.|Dipl\.-Ing\.|Ing\.|DI|Prof\.|Mr\.?|Mrs\.?|Ms\.?)\s+(?:(?:Dr|Mag|Prof|Ing)\.\s+)*\p{Lu}\p{Ll}[\p{L}'-]{0,40}/u;
/** A field of a person's name. */
const FIELD =
  /\b(?:vorname|nachname|familienname|first_?name|last_?name|full_?name|given_?name|family_?name|display_?name|kontoinhaber)["']?\s*[:=]\s*["']?\p{L}/iu;
/** Days and times, which are written as some numbers are. */
const TIMES = /\b\d{1,4}([-./])\d{1,2}\1\d{1,4}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b/g;

/** Kinds of personal data in a line; each once. Pure. */
export function personalDataIn(text: string): Kind[] {
  const line = text.slice(0, LONGEST_LINE);
  const found: Kind[] = [];
  const mails = line.match(MAIL) ?? [];
  if (mails.some((one) => !NO_PERSON.test(one))) found.push("mail address");
  const ibans = (line.match(IBAN) ?? []).filter(isIban);
  if (ibans.length > 0) found.push("IBAN");
  // A number inside a longer one of another kind is not counted again.
  const rest = ibans.reduce((left, one) => left.replace(one, " "), line);
  if ((rest.replace(TIMES, " ").match(PHONE) ?? []).some(isPhone)) found.push("phone number");
  const v4 = (rest.match(V4) ?? []).some((one) => isIPv4(one) && !NO_VISITOR_V4.test(one));
  const v6 = (rest.match(V6) ?? []).some((one) => isIPv6(one) && !NO_VISITOR_V6.test(one));
  if (v4 || v6) found.push("IP address");
  if (TITLED.test(line) || FIELD.test(line)) found.push("name");
  return found;
}

/** Whether the checksum of an IBAN is right (ISO 7064, modulo 97). Pure. */
export function isIban(text: string): boolean {
  const code = text.replace(/[ -]/g, "");
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(code)) return false;
  if (/^AT/.test(code) && code.length !== 20) return false;
  if (/^DE/.test(code) && code.length !== 22) return false;
  const digits = `${code.slice(4)}${code.slice(0, 4)}`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, "").length;
  return digits >= 7 && digits <= 16;
}

/** Judges lines of logs. What was found is named by its kind and place and never repeated. @param limit lines Pure. */
export function judgeLogs(lines: readonly LogLine[], limit: number): Judged {
  if (lines.length === 0) return notRun("the logs have no line, so nothing was looked at");
  const findings = lines.flatMap(({ file, line, text }): Finding[] => {
    const kinds = personalDataIn(text);
    if (kinds.length === 0) return [];
    return [{ rule: "personal-data", level: "error", message: `holds ${kinds.join(", ")}`, file, line }];
  });
  return judged(
    [most("lines with personal data", findings.length, limit), { name: "lines", value: lines.length }],
    findings,
  );
}
