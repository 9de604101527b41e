import { setTimeout as sleep } from "node:timers/promises";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { reasonOf } from "../../errors/reason.ts";
import { fields, listOf, type Props } from "../live.ts";
import { readOptions } from "./live.ts";
import { sender } from "./send.ts";

/** Times that something is looked for and made, and the longest pause between two that an answer may ask for, ms. */
const TRIES = 3;
const LONGEST_PAUSE_MS = 10_000;
const PAUSE_MS = 500;
/** For one answer, and for all of a publication, ms. */
const CALL_MS = 15_000;
const TOTAL_MS = 120_000;
/** Entries of a page (GitHub's largest), and pages that are looked through. */
const PAGE = 100;
const PAGES = 5;

/** An answer that says no for good, or none at all. */
class Refused extends Error {
  /** It is not known whether the call has done something, or it can be made again. */
  readonly again: number | undefined;
  constructor(message: string, again?: number) {
    super(message);
    this.again = again;
  }
}

/** GitHub's API of one repository, for what is shown there. */
export interface Board {
  get(path: string): Promise<Props | undefined>;
  /** The entry that fits, on whatever page. */
  find(path: string, fits: (entry: Props) => boolean): Promise<Props | undefined>;
  write(method: "POST" | "PATCH", path: string, body: object): Promise<Props>;
  /**
   * Looks, and makes what is not there. Where it is not known whether it was made it looks again before it tries again.
   *
   * @throws SitefleetError `report.unpublished`
   */
  ensure<Value>(look: () => Promise<Value | undefined>, make: () => Promise<Value>): Promise<Value>;
}

/** Opens the API of a repository. */
export function openBoard(repository: string, token: string, env: Readonly<Record<string, string | undefined>>): Board {
  const send = sender(env, token, AbortSignal.timeout(TOTAL_MS), CALL_MS);
  const base = `${readOptions(env).baseUrl}/repos/${repository}`;
  const call = async (method: "GET" | "POST" | "PATCH", path: string, body?: object) => {
    const sent = await send(`${base}${path}`, method, body && JSON.stringify(body)).catch((error: unknown) => {
      const cause = reasonOf(error);
      throw new Refused(`no answer: ${cause instanceof Error ? cause.message : String(cause)}`, PAUSE_MS);
    });
    const { status, text, pause } = sent;
    if (status >= 200 && status < 300) return { status, body: parsed(text) };
    if (method === "GET" && status === 404) return { status, body: undefined };
    const again = status === 429 || status >= 500 || pause !== undefined ? (pause ?? PAUSE_MS) : undefined;
    throw new Refused(`${method} ${path.split("?")[0]} was answered with ${status}: ${saidIn(text)}`, again);
  };
  return {
    async get(path) {
      const { body } = await call("GET", path);
      return body === undefined ? undefined : fields(body);
    },
    async find(path, fits) {
      const joint = path.includes("?") ? "&" : "?";
      for (let page = 1; page <= PAGES; page++) {
        const some = listOf((await call("GET", `${path}${joint}per_page=${PAGE}&page=${page}`)).body);
        const found = some.find(fits);
        if (found !== undefined || some.length < PAGE) return found;
      }
      return undefined;
    },
    write: async (method, path, body) => fields((await call(method, path, body)).body),
    async ensure(look, make) {
      for (let tries = 1; ; tries++) {
        try {
          return (await look()) ?? (await make());
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          const { again } = error;
          if (again === undefined || again > LONGEST_PAUSE_MS || tries === TRIES) throw unpublished(repository, error);
          await sleep(again);
        }
      }
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused("an answer is no JSON", PAUSE_MS);
  }
}

/** What GitHub says is wrong. */
function saidIn(text: string): string {
  try {
    const { message, errors } = fields(JSON.parse(text));
    const more = listOf(errors).flatMap((one) => (typeof one.message === "string" ? [one.message] : []));
    return plainLine([String(message), ...more].join("; "), 300);
  } catch {
    return "no JSON";
  }
}

const unpublished = (subject: string, cause: Refused): SitefleetError =>
  new SitefleetError({
    code: "report.unpublished",
    message: `GitHub did not take it: ${cause.message}`,
    subject,
    hint: /with 40[134]/.test(cause.message)
      ? "the token needs the rights to write statuses, deployments, contents (tags) and issues of this repository"
      : "publish it again: what is there is found, and nothing is made twice",
    cause,
  });
