/** A vendor's refusal, as far as its provider says it. */
export interface Refusal {
  /** HTTP status. */
  readonly status?: number;
  /** The vendor's own code. */
  readonly code?: string;
}

/**
 * Where each provider writes status or code of the answer into its error. Nothing else of the text is looked at.
 *
 * - cloudflare (cloudflare-go 5, internal/apierror): `POST "https://…": 403 Forbidden {…}`
 * - github (go-github, ErrorResponse.Error): `POST https://…: 401 Bad credentials []`
 * - vercel (terraform-provider-vercel, client/request.go): `CODE - MESSAGE`, or `error performing API request: STATUS …`
 */
const GRAMMARS: Readonly<Record<string, { readonly status: RegExp; readonly code?: RegExp }>> = {
  cloudflare: { status: /\b(?:GET|POST|PUT|PATCH|DELETE) "[^"\s]+": (\d{3})\b/ },
  github: { status: /\b(?:GET|POST|PUT|PATCH|DELETE) https?:\/\/\S+: (\d{3})\b/ },
  vercel: { status: /\bAPI request: (\d{3})\b/, code: /(?:^|: )([a-z][a-z0-9]*(?:_[a-z0-9]+)*) - / },
};

/** The token or its rights will not do, whoever asks again. */
const PERMANENT_STATUS = new Set([401, 403]);
/** Vercel's codes for the same, and for a domain that somebody else holds: https://vercel.com/docs/rest-api/reference/errors */
const PERMANENT_CODES = new Set([
  "forbidden",
  "unauthorized",
  "not_authorized",
  "invalid_token",
  "missing_token",
  "team_unauthorized",
  "domain_already_in_use",
  "domain_taken",
  "owned_on_other_team",
]);
/** go-github's RateLimitError and AbuseRateLimitError end so: their 403 is a wait. */
const GITHUB_WAIT = /\[(?:rate reset in|retry after) |secondary rate limit/i;

/** What a provider's error says of the vendor's answer; undefined when it names none. Pure. @param type Pulumi type of the resource or provider */
export function refusalIn(type: string, message: string): Refusal | undefined {
  const vendor = vendorOf(type);
  const grammar = GRAMMARS[vendor];
  if (grammar === undefined) return undefined;
  const status = grammar.status.exec(message)?.[1];
  const code = grammar.code?.exec(message)?.[1];
  if (vendor === "github" && GITHUB_WAIT.test(message)) return undefined;
  if (status === undefined && code === undefined) return undefined;
  return { ...(status === undefined ? {} : { status: Number(status) }), ...(code === undefined ? {} : { code }) };
}

/** Whether trying again cannot help: the token, its rights, or a domain that somebody else holds. Pure. */
export function isPermanent({ status, code }: Refusal): boolean {
  return (status !== undefined && PERMANENT_STATUS.has(status)) || (code !== undefined && PERMANENT_CODES.has(code));
}

const vendorOf = (type: string): string => type.replace(/^pulumi:providers:/, "").split(":", 1)[0] ?? "";
