import { withoutQuery } from "./judge/page.ts";
import type { Evidence, Seen } from "./types.ts";

/** Characters of a body that are kept. */
const EXCERPT = 400;
/** Characters of a header's value that are kept. */
const HEADER = 200;
/** Headers that tell where an answer comes from, and none that may hold a secret. */
const HEADERS = [
  "age",
  "cache-control",
  "cf-cache-status",
  "cf-mitigated",
  "cf-ray",
  "content-length",
  "content-type",
  "date",
  "etag",
  "retry-after",
  "server",
  "strict-transport-security",
  "via",
  "x-cache",
  "x-powered-by",
  "x-vercel-cache",
  "x-vercel-error",
  "x-vercel-id",
  "x-vercel-mitigated",
];

/** What is kept of a request. `named`: the header with the release, kept as well. Pure. */
export function evidenceOf(
  { answer, at, url, ...rest }: Seen,
  named: string | null,
  secrets: readonly string[] = [],
): Evidence {
  const kept: Record<string, string> = {};
  for (const name of named === null ? HEADERS : [...HEADERS, named]) {
    const value = answer?.headers[name];
    if (value !== undefined) kept[name] = redact(value, secrets).slice(0, HEADER);
  }
  const { location } = answer?.headers ?? {};
  if (location !== undefined) kept.location = redact(withoutQuery(location), secrets);
  return {
    url: withoutQuery(url),
    at: new Date(at).toISOString(),
    ...rest,
    ...(answer ? { status: answer.status, headers: kept, excerpt: excerptOf(answer.body, secrets) } : {}),
  };
}

/** Beginning of a body as one line, without what looks like a secret or a person's address. Pure. */
export function excerptOf(body: string, secrets: readonly string[] = []): string {
  // Cut after it was cleaned, or half a secret would be left at the end.
  const part = redact(body.slice(0, EXCERPT * 20), secrets);
  const line = part
    .replace(/\p{Cc}+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
}

/** What looks like a secret, in any text. */
const SUSPECT: readonly (readonly [RegExp, string])[] = [
  // JSON web tokens.
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(\.[\w-]*)?/g, "[secret]"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[secret]"],
  // user:password in addresses.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:"'<>]+:[^\s/@"'<>]+@/gi, "$1[secret]@"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 [secret]"],
  [
    /((?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|session|csrf|nonce|signature)[\w-]*["']?\s*(?:value\s*)?[:=]\s*["']?)[^\s"'<>&,;]{4,}/gi,
    "$1[secret]",
  ],
  // Known forms: Vercel and GitHub tokens, Stripe, AWS, Slack.
  [/\b(?:gh[pousr]_|github_pat_|sk_(?:live|test)_|rk_live_|AKIA|xox[abprs]-|vercel_)[\w-]{8,}/g, "[secret]"],
  // People's addresses.
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, "[mail]"],
];

/** Takes out what is secret, and what looks like it. Pure. */
function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 6) clean = clean.replaceAll(secret, "[secret]");
  for (const [pattern, instead] of SUSPECT) clean = clean.replace(pattern, instead);
  return clean;
}
