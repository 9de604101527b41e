import type { Check } from "../model/index.ts";

/** `inconclusive`: nothing that was seen says anything about the host, e.g. a network error of ours. */
export type Verdict = "pass" | "fail" | "inconclusive";

/** What a finding is about. */
export const ASPECTS = [
  "name",
  "connection",
  "answer",
  "certificate",
  "status",
  "redirect",
  "marker",
  "release",
  "https",
  "time",
  "protection",
  "vantages",
] as const;
/** One of {@link ASPECTS}. */
export type Aspect = (typeof ASPECTS)[number];

/** One thing that was judged. `note` says something without judging. */
export interface Finding {
  readonly about: Aspect;
  readonly verdict: Verdict | "note";
  /** What was found, without a subject: `answers 500, not 200`. */
  readonly text: string;
  /** No server was reached. Whether the host or our network is to blame is told by the other hosts that were asked from the same place. */
  readonly unreached?: boolean;
}

/** What is known of the live release in advance; an answer is compared with what is given. */
export interface Expected {
  /** Commit, 40 hex digits. */
  readonly ref?: string;
  /** Id of the deployment at Vercel. */
  readonly deployment?: string;
  /** Id of a release on an SSH host. */
  readonly release?: string;
}

/** One thing that is checked. */
export interface Target {
  /** Its host; of a deployment its address. Unique in a run, and the name of its baseline. */
  readonly id: string;
  readonly kind: "site" | "service" | "deployment";
  readonly host: string;
  /** Scheme, host and port that are asked, e.g. `https://quiz.qmoney.de`. */
  readonly origin: string;
  readonly zone?: string;
  readonly cell?: string;
  /** Key of a service. */
  readonly service?: string;
  readonly check: Check;
  readonly expected: Expected;
  /** A secret that passes deployment protection; asked for only in front of it, and kept nowhere. */
  readonly bypass?: () => Promise<string | undefined>;
}

/** How a name was resolved. */
export interface NameAnswer {
  /** `dns`: name servers; `hosts`: the machine's own files; `address`: the name is an address; `override`: the vantage says so; `proxy`: the proxy looked it up. */
  readonly by: "dns" | "hosts" | "address" | "override" | "proxy";
  readonly addresses: readonly string[];
}

/** A certificate as it was shown. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** ms since 1970. */
  readonly from: number;
  readonly until: number;
  /** Why it is not to be trusted, as a code of OpenSSL or Node; undefined when it is. */
  readonly problem?: string;
}

/** How far a request came. */
export type Stage = "name" | "proxy" | "connect" | "tls" | "answer" | "body";

/** Durations in ms; what was not reached is left out. */
interface Timing {
  readonly nameMs?: number;
  /** TCP and TLS. */
  readonly connectMs?: number;
  /** From the request's sending to the answer's head. */
  readonly firstMs?: number;
  readonly totalMs: number;
}

/** One answer, complete or cut at the limit. */
export interface Answer {
  readonly status: number;
  /** Lower-case names; several values joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Was the body longer than what was read? */
  readonly cut: boolean;
}

/** Why there is no answer. */
export interface Trouble {
  readonly stage: Stage;
  /** Code of Node, undici or c-ares, e.g. `ECONNREFUSED`; `TIMEOUT` for our own. */
  readonly code: string;
  readonly message: string;
}

/** What one request saw. */
export interface Seen {
  readonly url: string;
  /** When it was sent, ms since 1970. */
  readonly at: number;
  readonly answer?: Answer;
  readonly trouble?: Trouble;
  readonly timing: Timing;
  readonly name?: NameAnswer;
  /** Address and port that were talked to. */
  readonly remote?: string;
  readonly certificate?: Certificate;
  /** Spoken in clear although the address says https, because the vantage says so. */
  readonly clear?: boolean;
}

/** What is kept of a request for people who look for the reason later. Holds no secret. */
export interface Evidence extends Omit<Seen, "answer" | "at"> {
  /** ISO 8601. */
  readonly at: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Beginning of the body. */
  readonly excerpt?: string;
}

/** What was found from one vantage. */
export interface VantageResult {
  readonly vantage: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** Time to the answer's head of the try that decided, ms. */
  readonly milliseconds?: number;
  /** Median of earlier times, ms; undefined while too few are known. */
  readonly baselineMs?: number;
  /** The release that the answer named. */
  readonly release?: string;
  readonly tries: number;
  /** Of the last try, and of every earlier one what its page saw. */
  readonly evidence: readonly Evidence[];
}

/** The judgement of one target over all vantages. */
export interface HealthResult {
  readonly id: string;
  readonly kind: Target["kind"];
  readonly host: string;
  readonly url: string;
  readonly zone?: string;
  readonly cell?: string;
  readonly service?: string;
  readonly verdict: Verdict;
  /** One line: what decided. */
  readonly reason: string;
  readonly vantages: readonly VantageResult[];
}
