import { setTimeout as sleep } from "node:timers/promises";
import { evidenceOf } from "./evidence.ts";
import { judgeCertificate } from "./judge/certificate.ts";
import { isProtected, judgeHttps, judgePage } from "./judge/page.ts";
import { judgeRelease, releaseFile, releaseIn } from "./judge/release.ts";
import { verdictOf } from "./judge/verdict.ts";
import { probe } from "./probe/probe.ts";
import type { Way } from "./probe/way.ts";
import type { Finding, Seen, Target, VantageResult } from "./types.ts";

/** First pause between two tries, ms; doubled each time, and up to half as much again by chance. */
const PAUSE_MS = 250;
/** Longest pause that an answer may ask for (Retry-After), ms. */
const LONGEST_PAUSE_MS = 10_000;

/** Passes deployment protection: https://vercel.com/docs/deployment-protection */
export const BYPASS_HEADER = "x-vercel-protection-bypass";

/** How a target is checked. */
export interface CheckOptions {
  readonly signal?: AbortSignal;
  /** No try is started after this, ms since 1970. @default none */
  readonly deadline?: number;
  readonly now?: () => number;
}

/** What one try found. */
interface Try {
  readonly findings: readonly Finding[];
  /** The page first. */
  readonly seen: readonly Seen[];
  readonly release: string | undefined;
  /** Secret that passed deployment protection; taken out of everything that is kept. */
  readonly bypass: string | undefined;
}

/**
 * Checks a target from one vantage: several tries until one passes. Response times are judged elsewhere.
 *
 * @throws only when the signal is aborted, or when the target's own `bypass` throws
 */
export async function checkFrom(target: Target, way: Way, options: CheckOptions = {}): Promise<VantageResult> {
  const { signal, deadline = Number.POSITIVE_INFINITY, now = Date.now } = options;
  const earlier: Seen[] = [];
  let tries = 0;
  let last: Try | undefined;
  let bypass: string | undefined;
  while (tries < target.check.tries) {
    if (last !== undefined) {
      const pause = pauseAfter(last.seen[0], tries);
      if (now() + pause >= deadline) break;
      await sleep(pause, undefined, { signal });
      const [page] = last.seen;
      if (page) earlier.push(page);
    }
    tries += 1;
    last = await once(target, way, bypass, { ...options, now });
    bypass = last.bypass;
    if (verdictOf(last.findings) === "pass") break;
  }
  const { findings, seen, release } = last ?? { findings: [], seen: [], release: undefined };
  const secrets = bypass === undefined ? [] : [bypass];
  const milliseconds = seen[0]?.timing.firstMs;
  return {
    vantage: way.name,
    verdict: verdictOf(findings),
    findings,
    milliseconds,
    release,
    tries,
    evidence: [...seen, ...earlier].map((one) => evidenceOf(one, target.check.release.header, secrets)),
  };
}

/** The page, then, if it passes, what else belongs to it. */
async function once(
  target: Target,
  way: Way,
  bypass: string | undefined,
  { signal, now = Date.now }: CheckOptions,
): Promise<Try> {
  const { check, expected } = target;
  const secured = check.tls.verify;
  const ask = (url: string, secret = bypass): Promise<Seen> =>
    probe(
      {
        url,
        timeoutMs: check.timeoutSeconds * 1000,
        verify: secured,
        headers: secret === undefined ? undefined : { [BYPASS_HEADER]: secret },
      },
      way,
      signal,
    );
  const url = `${target.origin}${check.path}`;
  let page = await ask(url);
  let secret = bypass;
  if (secret === undefined && target.bypass && page.answer && isProtected(page.answer)) {
    secret = await target.bypass();
    if (secret !== undefined) page = await ask(url, secret);
  }
  const seen = [page];
  const findings = [...judgePage(page, target)];
  const certificate = judgeCertificate(page, check.tls, now());
  if (certificate) findings.push(certificate);
  let release: string | undefined;
  if (page.answer && check.redirect === null && !failed(findings)) {
    release = releaseIn(page.answer, check.release);
    // The second question only makes sense where the answer is known.
    if (release === undefined && check.release.path !== null && Object.keys(expected).length > 0) {
      const file = await ask(`${target.origin}${check.release.path}`, secret);
      seen.push(file);
      release = releaseFile(file);
    }
    const finding = judgeRelease(release, expected, check.release.required);
    if (finding) findings.push(finding);
  }
  if (check.https && !failed(findings) && target.origin.startsWith("https:") && page.answer && !page.clear) {
    const plain = await ask(`http://${target.host}${check.path}`);
    seen.push(plain);
    findings.push(judgeHttps(plain, target.host));
  }
  return { findings, seen, release, bypass: secret };
}

const failed = (findings: readonly Finding[]): boolean => verdictOf(findings) !== "pass";

/** Milliseconds until the next try: longer each time, or as long as the answer asks for. */
function pauseAfter(seen: Seen | undefined, tries: number): number {
  const own = PAUSE_MS * 2 ** (tries - 1) * (1 + Math.random() / 2);
  const asked = seen?.answer?.headers["retry-after"];
  if (asked === undefined || !(seen?.answer && [429, 503].includes(seen.answer.status))) return own;
  const wait = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isFinite(wait) ? Math.min(LONGEST_PAUSE_MS, Math.max(own, wait)) : own;
}
