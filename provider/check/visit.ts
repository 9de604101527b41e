import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import type { CheckSettings } from "../release/goal.ts";
import type { CheckResult, CheckSubject, DeploymentCheck } from "./types.ts";
import { dispatcherOf } from "./way.ts";

/** Part of a body that is searched for the marker, and part that is kept as evidence, characters. */
const BODY_LIMIT = 512 * 1024;
const EXCERPT = 300;
/** First pause between two tries, ms; doubled each time. */
const FIRST_PAUSE_MS = 250;

/** One answer, or why there was none. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  readonly milliseconds: number;
}

/** Judges one answer. Pure. */
export function judge(answer: Answer | Error, settings: CheckSettings, ref: string): Omit<CheckResult, "evidence"> {
  if (answer instanceof Error) return { verdict: "inconclusive", reason: `there is no answer: ${answer.message}` };
  const { status } = answer;
  const { statuses, marker } = settings;
  const fits = statuses.length === 0 ? status >= 200 && status < 400 : statuses.includes(status);
  if (isProtected(answer) && !statuses.includes(status)) {
    return { verdict: "inconclusive", reason: "deployment protection answers in its place" };
  }
  if (!fits) {
    const wanted = statuses.length === 0 ? "200 to 399" : statuses.join(" or ");
    return { verdict: "fail", reason: `it answers ${status}, not ${wanted}` };
  }
  const text = marker?.replaceAll("{ref}", ref);
  if (text !== undefined && !answer.body.includes(text)) {
    return { verdict: "fail", reason: `its answer does not hold ${JSON.stringify(text)}` };
  }
  return { verdict: "pass", reason: `it answers ${status}` };
}

/** Vercel's protection answers 401, or leads to its login page: https://vercel.com/docs/deployment-protection. Pure. */
function isProtected({ status, location }: Pick<Answer, "status" | "location">): boolean {
  return (
    status === 401 || (status >= 300 && status < 400 && /^https:\/\/vercel\.com\/(sso|login)/.test(location ?? ""))
  );
}

/** Visits the deployment's own address: status and, if one is given, a marker; several tries. */
export const visitCheck: DeploymentCheck = async (subject, settings, { deadline, signal }) => {
  let bypass: string | undefined;
  let tries = 0;
  let last: CheckResult | undefined;
  while (tries < settings.tries && Date.now() < deadline) {
    if (tries > 0) await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal });
    tries += 1;
    let answer = await visit(subject, settings, bypass, signal);
    if (bypass === undefined && !(answer instanceof Error) && isProtected(answer)) {
      bypass = await subject.bypass();
      if (bypass !== undefined) answer = await visit(subject, settings, bypass, signal);
    }
    const judged = judge(answer, settings, subject.ref);
    const seen = answer instanceof Error ? {} : seenOf(answer);
    last = { ...judged, evidence: { url: `https://${subject.host}${settings.path}`, tries, ...seen } };
    if (judged.verdict === "pass") return last;
  }
  return (
    last ?? {
      verdict: "inconclusive",
      reason: "there was no time to check it",
      evidence: { url: `https://${subject.host}${settings.path}`, tries },
    }
  );
};

function seenOf({ status, milliseconds, body }: Answer) {
  return { status, milliseconds: Math.round(milliseconds), excerpt: body.slice(0, EXCERPT) };
}

function visit(
  { host }: CheckSubject,
  { path, timeoutMs }: CheckSettings,
  bypass: string | undefined,
  signal: AbortSignal,
): Promise<Answer | Error> {
  const started = performance.now();
  const run = async (): Promise<Answer> => {
    const response = await request(`https://${host}${path}`, {
      headers: { "user-agent": "sitefleet", ...(bypass && { "x-vercel-protection-bypass": bypass }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      dispatcher: dispatcherOf(),
    });
    const body = (await response.body.text()).slice(0, BODY_LIMIT);
    const { location } = response.headers;
    return {
      status: response.statusCode,
      location: typeof location === "string" ? location : undefined,
      body,
      milliseconds: performance.now() - started,
    };
  };
  return run().catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  });
}
