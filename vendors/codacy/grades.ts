import { proxies } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { reasonOf } from "../../errors/reason.ts";
import type { Grades } from "../alerts.ts";
import { fields, part } from "../live.ts";

const CALL_MS = 20_000;

/** https://api.codacy.com/api/api-docs#getrepositorywithanalysis: `grade` is of 100. */
export const grades: Grades = {
  async grade(repository, env, over) {
    const [owner = "", name = ""] = repository.split("/");
    const unread = (message: string, cause?: unknown) =>
      new SitefleetError({
        code: "quality.unread",
        message: `Codacy ${message}`,
        subject: repository,
        hint: "CODACY_API_TOKEN must be a token of an account that sees the repository",
        cause,
      });
    if (!env.CODACY_API_TOKEN) throw unread("cannot be asked: CODACY_API_TOKEN is not set");
    const base = (env.CODACY_BASE_URL ?? "https://app.codacy.com").replace(/\/+$/, "");
    const url = `${base}/api/v3/analysis/organizations/gh/${part(owner)}/repositories/${part(name)}`;
    const { EnvHttpProxyAgent, fetch } = await import("undici");
    const dispatcher = new EnvHttpProxyAgent({ ...proxies(), keepAliveTimeout: 1000, keepAliveMaxTimeout: 1000 });
    const signal = AbortSignal.any([over, AbortSignal.timeout(CALL_MS)]);
    const headers = { "api-token": env.CODACY_API_TOKEN, accept: "application/json", "user-agent": "sitefleet" };
    const answer = await fetch(url, { headers, redirect: "manual", dispatcher, signal })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((error: unknown) => {
        const cause = reasonOf(error);
        throw unread(`does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
      });
    if (answer.status !== 200) throw unread(`answered ${answer.status}`);
    let grade: unknown;
    try {
      grade = fields(fields(JSON.parse(answer.text)).data).grade;
    } catch {
      throw unread("answered something that is no JSON");
    }
    // Of a repository that was never analysed there is none.
    if (typeof grade !== "number" || !(grade >= 0 && grade <= 100))
      throw unread("gives no grade: it has not analysed the repository");
    return grade;
  },
};
