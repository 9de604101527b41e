import type { Answer, Finding, Seen, Target } from "../types.ts";
import { judgeTrouble } from "./trouble.ts";

/** What a page's answer says, but for certificate and time. Pure. */
export function judgePage(seen: Seen, target: Target): Finding[] {
  const { answer, trouble } = seen;
  if (trouble) return [judgeTrouble(trouble, seen)];
  if (answer === undefined) return [];
  const stopped = judgeStopped(answer, target);
  if (stopped) return [stopped];
  const { redirect } = target.check;
  if (redirect !== null) return [judgeRedirect(answer, seen.url, redirect.to, redirect.statuses)];
  const { statuses } = target.check;
  if (!statuses.includes(answer.status)) {
    const { location } = answer.headers;
    const where = location === undefined ? "" : ` (to ${withoutQuery(location)})`;
    const reason = answer.headers["x-vercel-error"];
    const why = reason === undefined ? "" : ` (${printable(reason, 60)})`;
    const wanted = statusText(statuses);
    return [{ about: "status", verdict: "fail", text: `answers ${answer.status}, not ${wanted}${where}${why}` }];
  }
  return [{ about: "status", verdict: "pass", text: `answers ${answer.status}` }, ...judgeMarker(answer, target)];
}

/** Statuses in words: many in a row are a range. Pure. */
function statusText(statuses: readonly number[]): string {
  const [first = 0] = statuses;
  const range = statuses.length > 2 && statuses.every((status, index) => status === first + index);
  return range ? `${first} to ${first + statuses.length - 1}` : statuses.join(" or ");
}

/** A firewall or a login in front of the host has answered, for us alone: that says nothing about the host. Pure. */
function judgeStopped(answer: Answer, { kind, check }: Target): Finding | undefined {
  const { status, headers } = answer;
  // A redirect to the login never passes, also where every redirect would do.
  if (kind === "deployment" && isProtected(answer) && !(status === 401 && check.statuses.includes(status))) {
    return { about: "protection", verdict: "inconclusive", text: "deployment protection answers in its place" };
  }
  if (check.statuses.includes(status)) return undefined;
  // https://vercel.com/docs/vercel-firewall and
  // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response
  const mitigated = headers["x-vercel-mitigated"] ?? headers["cf-mitigated"];
  if (mitigated !== undefined && status >= 400) {
    return { about: "protection", verdict: "inconclusive", text: `a firewall stops us (${printable(mitigated, 30)})` };
  }
  if (status === 429) return { about: "protection", verdict: "inconclusive", text: "refuses so many questions (429)" };
  return undefined;
}

/** Vercel's deployment protection: 401, or a redirect to its login, https://vercel.com/docs/deployment-protection. Pure. */
export function isProtected({ status, headers }: Pick<Answer, "status" | "headers">): boolean {
  return (
    status === 401 ||
    (status >= 300 && status < 400 && /^https:\/\/vercel\.com\/(sso|login)/.test(headers.location ?? ""))
  );
}

/** Pure. */
function judgeRedirect(answer: Answer, from: string, to: string, statuses: readonly number[]): Finding {
  if (!statuses.includes(answer.status)) {
    return {
      about: "redirect",
      verdict: "fail",
      text: `answers ${answer.status}, not ${statuses.join(" or ")} to ${to}`,
    };
  }
  const asked = new URL(from);
  const wanted = new URL(to);
  // Without a path the one that was asked for is kept.
  if (wanted.pathname === "/" && !to.endsWith("/")) {
    wanted.pathname = asked.pathname;
    wanted.search = asked.search;
  }
  const location = answer.headers.location ?? "";
  const leads = URL.parse(location, asked.href);
  if (leads?.href === wanted.href) return { about: "redirect", verdict: "pass", text: `redirects to ${to}` };
  const where = location === "" ? "nowhere" : withoutQuery(location);
  return { about: "redirect", verdict: "fail", text: `redirects to ${where}, not ${to}` };
}

/** Pure. */
function judgeMarker(answer: Answer, { check, expected, host }: Target): Finding[] {
  if (check.marker === null) return [];
  const known: Readonly<Record<string, string | undefined>> = { host, ...expected };
  let unknown: string | undefined;
  const text = check.marker.replaceAll(/\{(host|ref|deployment)\}/g, (whole, name: string) => {
    const value = known[name];
    if (value === undefined) unknown = name;
    return value ?? whole;
  });
  if (unknown !== undefined) {
    return [{ about: "marker", verdict: "note", text: `the marker is not looked for: its ${unknown} is not known` }];
  }
  if (answer.body.includes(text)) return [{ about: "marker", verdict: "pass", text: "holds its marker" }];
  const part = answer.cut ? " in the part that was read" : "";
  return [{ about: "marker", verdict: "fail", text: `does not hold ${JSON.stringify(text)}${part}` }];
}

/** What http says: it must lead to https at the same host. Pure. */
export function judgeHttps(seen: Seen, host: string): Finding {
  const { answer, trouble } = seen;
  if (trouble) {
    const { text, ...rest } = judgeTrouble(trouble, seen);
    return { ...rest, about: "https", text: `http: ${text}` };
  }
  const status = answer?.status ?? 0;
  const location = answer?.headers.location ?? "";
  const leads = URL.parse(location, seen.url);
  const redirects = [301, 302, 303, 307, 308].includes(status);
  if (redirects && leads?.protocol === "https:" && leads.hostname === host) {
    return { about: "https", verdict: "pass", text: "http leads to https" };
  }
  const what = redirects ? `leads to ${location === "" ? "nowhere" : withoutQuery(location)}` : `answers ${status}`;
  return { about: "https", verdict: "fail", text: `http ${what}, not to https://${host}` };
}

/** Without its query, which may hold a token; at most 120 characters that can be printed. Pure. */
export function withoutQuery(location: string): string {
  return printable(location.replace(/[?#].*$/s, ""), 120);
}

/** Without control characters, shortened. Pure. */
function printable(text: string, most: number): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, most);
}
