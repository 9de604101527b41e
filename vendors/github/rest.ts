import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import { reasonOf } from "../../errors/reason.ts";
import { fields, listOf, type Props } from "../live.ts";
import type { ReviewTimes } from "../reviews.ts";
import { readOptions } from "./live.ts";
import { sender } from "./send.ts";

/** Tries of one question, and the longest pause between two that an answer may ask for, ms. */
const TRIES = 3;
const LONGEST_PAUSE_MS = 5000;
/** Entries of a page (GitHub's largest), and pages that are read: what is longer is not told in part. */
const PAGE = 100;
const PAGES = 20;

/** See {@link ReviewTimes}. A run waits for this, and goes on without it. */
export const TIMES: ReviewTimes = { callMs: 10_000, totalMs: 45_000, pauseMs: 500 };

/** Questions about approvals. Nothing here writes. */
export interface Asker {
  /** Undefined when there is no such thing, or none that the token may see. @throws SitefleetError `approval.unread` */
  get(path: string): Promise<unknown>;
  /** All entries of a list, on whatever page. @param of where the list is in an answer. @default the answer itself */
  pages(path: string, of?: (answer: unknown) => unknown): Promise<readonly Props[] | undefined>;
  /** The answer's `data`. */
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<Props>;
}

/** The refusal of a question. A reason holds nothing that GitHub has sent but its status. */
export const unread = (message: string, hint: string, cause?: unknown): SitefleetError =>
  new SitefleetError({ code: "approval.unread", message: `GitHub ${message}`, hint, cause });

/** GitHub's API for questions that a run waits for: few tries, and an end to all of them. */
export function asker(env: Readonly<Record<string, string | undefined>>, times: ReviewTimes): Asker {
  const { token, baseUrl: rest } = readOptions(env);
  if (!token) throw unread("cannot be asked: GITHUB_TOKEN is not set", "set it to a token that may read pull requests");
  const over = AbortSignal.timeout(times.totalMs);
  const send = sender(env, token, over, times.callMs);
  async function ask(url: string, body?: string): Promise<unknown> {
    let said = "";
    const at = new URL(url).pathname;
    for (let attempt = 0; attempt < TRIES && !over.aborted; attempt++) {
      let pause = times.pauseMs * 2 ** attempt;
      try {
        const { status, text, pause: asked } = await send(url, body === undefined ? "GET" : "POST", body);
        if (status === 200) return JSON.parse(text);
        if (status === 404 || status === 422) return undefined;
        said = `status ${status}`;
        if (status !== 429 && status < 500 && asked === undefined) break;
        pause = asked ?? pause;
      } catch (error) {
        const cause = reasonOf(error);
        said = cause instanceof SyntaxError ? "the answer is no JSON" : cause instanceof Error ? cause.message : "";
      }
      if (pause > LONGEST_PAUSE_MS) break;
      await sleep(pause, undefined, { signal: over }).catch(() => {});
    }
    if (/status (301|302|307)/.test(said))
      throw unread(`leads elsewhere at ${at} (${said})`, "the repository has another name");
    if (/status 40[13]/.test(said))
      throw unread(`refuses the token at ${at} (${said})`, "it must read contents, pull requests and actions");
    throw unread(`does not answer at ${at}: ${over.aborted ? "it took too long" : said}`, "run it again later");
  }
  return {
    get: (path) => ask(`${rest}${path}`),
    async pages(path, of = (answer) => answer) {
      const all: Props[] = [];
      for (let page = 1; page <= PAGES; page++) {
        const answer = await ask(`${rest}${path}?per_page=${PAGE}&page=${page}`);
        if (answer === undefined) return page === 1 ? undefined : all;
        const some = listOf(of(answer));
        all.push(...some);
        if (some.length < PAGE) return all;
      }
      throw unread(`has more than ${PAGE * PAGES} entries at ${path}`, "approve with sitefleet approve");
    },
    async graphql(query, variables) {
      const address = `${rest.replace(/\/api\/v3$/, "/api")}/graphql`;
      return fields(fields(await ask(address, JSON.stringify({ query, variables }))).data);
    },
  };
}
