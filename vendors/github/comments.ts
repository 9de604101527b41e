import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import { reasonOf } from "../../errors/reason.ts";
import type { Comments } from "../comments.ts";
import { fields, listOf, type Props, textOf } from "../live.ts";
import { readOptions } from "./live.ts";
import { sender } from "./send.ts";

/** For one answer, ms. */
const CALL_MS = 20_000;
/** Tries of a call that can be done again, and the longest pause between two, ms. */
const TRIES = 4;
const LONGEST_PAUSE_MS = 20_000;
/** Entries of a page (GitHub's largest), and pages that are looked through. */
const PAGE = 100;
const PAGES = 30;
/** The account of a job's own token; it may not ask for its name. */
const JOBS_BOT = "github-actions[bot]";

const unwritten = (message: string, hint: string, cause?: unknown): SitefleetError =>
  new SitefleetError({ code: "ci.comment", message: `GitHub ${message}`, hint, cause });

interface Said {
  readonly status: number;
  readonly body: unknown;
}

type Call = (method: "GET" | "POST" | "PATCH", path: string, body?: object) => Promise<Said>;

/** A reason holds nothing that GitHub has sent but its status. */
function caller(env: Readonly<Record<string, string | undefined>>): Call {
  const { token, baseUrl } = readOptions(env);
  if (!token)
    throw unwritten("cannot be called: GITHUB_TOKEN is not set", "set it to a token that may write pull requests");
  const send = sender(env, token, undefined, CALL_MS);
  return async (method, path, body) => {
    // A POST that was cut off may have been carried out; the next run finds what it made.
    const tries = method === "POST" ? 1 : TRIES;
    let said = "";
    for (let turn = 0; turn < tries; turn++) {
      let pause = 1000 * 2 ** turn;
      try {
        const { status, text, pause: asked } = await send(`${baseUrl}${path}`, method, body && JSON.stringify(body));
        if (status < 400 || status === 404) return { status, body: parsed(text) };
        said = `status ${status}`;
        if (status !== 429 && status < 500 && asked === undefined) return { status, body: undefined };
        pause = asked ?? pause;
      } catch (error) {
        const cause = reasonOf(error);
        said = cause instanceof Error ? cause.message : "no answer";
      }
      if (pause > LONGEST_PAUSE_MS || turn === tries - 1) break;
      await sleep(pause);
    }
    throw unwritten(`does not answer at ${path.split("?", 1)[0]}: ${said}`, "run it again later");
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a comment is the token's own. */
async function ownership(call: Call): Promise<(comment: Props) => boolean> {
  const { status, body } = await call("GET", "/user");
  const id = status === 200 ? fields(body).id : undefined;
  return ({ user }) => {
    const by = fields(user);
    return id === undefined ? by.type === "Bot" && by.login === JOBS_BOT : by.id === id;
  };
}

/** Comments of pull requests: docs.github.com/rest/issues/comments. */
export const comments: Comments = {
  async keep({ repository, number, mark }, text, env) {
    const call = caller(env);
    const owned = await ownership(call);
    const list = `/repos/${repository}/issues/${number}/comments`;
    let found: Props | undefined;
    for (let page = 1; page <= PAGES && found === undefined; page++) {
      const { status, body } = await call("GET", `${list}?per_page=${PAGE}&page=${page}`);
      if (status !== 200)
        throw unwritten(`has no pull request ${number} in ${repository} for this token (${status})`, RIGHTS);
      // What is no list would be taken for no comment, and another would be made.
      if (!Array.isArray(body)) throw unwritten("does not list the comments", "run it again later");
      const some = listOf(body);
      found = some.find((comment) => textOf(comment, "body")?.startsWith(mark) && owned(comment));
      if (some.length < PAGE) break;
    }
    const pull = await call("GET", `/repos/${repository}/pulls/${number}`);
    const before = textOf(found, "body");
    const next = text({ before, head: textOf(fields(fields(pull.body).head), "sha") });
    if (next === undefined) return undefined;
    const url = textOf(found, "html_url") ?? "";
    if (next === before) return { done: "unchanged", url };
    const written =
      found === undefined
        ? await call("POST", list, { body: next })
        : await call("PATCH", `/repos/${repository}/issues/comments/${found.id}`, { body: next });
    if (written.status >= 300) throw unwritten(`refuses the comment (${written.status})`, RIGHTS);
    return { done: found === undefined ? "made" : "updated", url: textOf(fields(written.body), "html_url") ?? url };
  },
};

const RIGHTS = "the token needs pull-requests: write";
