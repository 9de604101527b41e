import { escapeHtml, page } from "./html.ts";

/** Why a host is not answered. Also the value of the header `x-sitefleet-reason`. */
export type Reason =
  | "unknown-host"
  | "no-dns-record"
  | "dns-leads-elsewhere"
  | "domain-not-attached"
  | "no-deployment"
  | "no-release"
  | "not-found"
  | "forbidden"
  | "no-php"
  | "php-failed";

interface Explanation {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  /** What Vercel's own edge says in `x-vercel-error`. */
  readonly vercel?: string;
}

// Where a real client would get no answer at all (no DNS), 502 stands for it, so that no health check takes it for one.
const EXPLANATIONS: Readonly<Record<Reason, Explanation>> = {
  "unknown-host": { status: 404, title: "Unknown host", text: "Neither the catalog nor any vendor knows this name." },
  "no-dns-record": {
    status: 502,
    title: "No DNS record",
    text: "The sandbox's Cloudflare has no record, and no wildcard, for this name.",
  },
  "dns-leads-elsewhere": {
    status: 502,
    title: "DNS leads elsewhere",
    text: "There is a DNS record for this name, but it does not lead to where the name is served.",
  },
  "domain-not-attached": {
    status: 404,
    title: "Domain not attached",
    text: "DNS leads to Vercel, where no project holds this name.",
    vercel: "DEPLOYMENT_NOT_FOUND",
  },
  "no-deployment": {
    status: 404,
    title: "No deployment",
    text: "The project that holds this name has no production deployment yet.",
    vercel: "DEPLOYMENT_NOT_FOUND",
  },
  "no-release": {
    status: 503,
    title: "No release",
    text: "DNS leads to the host, where this service has no files yet.",
  },
  "not-found": { status: 404, title: "Not found", text: "The host has no such file." },
  forbidden: { status: 403, title: "Forbidden", text: "Hidden files are not served." },
  "no-php": {
    status: 501,
    title: "No PHP",
    text: "This page is a PHP program, and this machine has no PHP (Debian's package php-cli).",
  },
  "php-failed": { status: 502, title: "Bad gateway", text: "PHP did not answer; the sandbox's log has more." },
};

/** The answer for a host or file that is not served: what is missing, in the header, as text and as a page. */
export function refuse(reason: Reason, subject: string, html: boolean, headers: Record<string, string> = {}): Response {
  const { status, title, text, vercel } = EXPLANATIONS[reason];
  const body = html
    ? page(
        `${status} ${title}`,
        `<h1>${title}</h1>\n<p><code>${escapeHtml(subject)}</code></p>\n<p>${text}</p>\n<p class="soft">The sandbox lists all hosts at its own address, without a host name.</p>`,
      )
    : `${title}: ${subject}\n${text}\n`;
  return new Response(body, {
    status,
    headers: {
      "content-type": `text/${html ? "html" : "plain"}; charset=utf-8`,
      "x-sitefleet-reason": reason,
      ...(vercel === undefined ? {} : { server: "Vercel", "x-vercel-error": vercel }),
      ...headers,
    },
  });
}
