import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { reasonOf } from "../../errors/reason.ts";
import type { Alert, Alerts } from "../alerts.ts";
import { fields, listOf, type Props, part, textOf } from "../live.ts";
import { readOptions } from "./live.ts";
import { sender } from "./send.ts";

/** Time for an answer, ms. Entries of a page (GitHub's most), and pages that are read: so many alerts are not green in any case. */
const CALL_MS = 20_000;
const PAGE = 100;
const PAGES = 5;

/** Alerts of Dependabot and of code scanning: docs.github.com/rest/dependabot/alerts and /rest/code-scanning. */
export const alerts: Alerts = {
  async dependencies(repository, env, signal) {
    // These lists are by cursor alone: the first page says whether there is any, and names a hundred.
    const path = `dependabot/alerts?state=open&severity=high,critical&per_page=${PAGE}`;
    return (await ask(repository, path, "Dependabot alerts: read", env, signal)).map(ofDependency);
  },
  async code(repository, env, signal) {
    const all: Alert[] = [];
    for (let page = 1; page <= PAGES; page++) {
      const path = `code-scanning/alerts?state=open&per_page=${PAGE}&page=${page}`;
      const some = await ask(repository, path, "Code scanning alerts: read", env, signal);
      all.push(...some.map(ofCode));
      if (some.length < PAGE) break;
    }
    return all;
  },
};

function ofDependency(one: Props): Alert {
  const advisory = fields(one.security_advisory);
  const dependency = fields(one.dependency);
  const name = textOf(fields(dependency.package), "name") ?? "";
  return {
    rule: textOf(advisory, "ghsa_id") ?? "advisory",
    severity: textOf(advisory, "severity") ?? textOf(fields(one.security_vulnerability), "severity") ?? "unknown",
    message: `${name}: ${textOf(advisory, "summary") ?? ""}`,
    file: textOf(dependency, "manifest_path"),
    url: textOf(one, "html_url"),
  };
}

function ofCode(one: Props): Alert {
  const rule = fields(one.rule);
  const instance = fields(one.most_recent_instance);
  const location = fields(instance.location);
  return {
    rule: textOf(rule, "id") ?? "rule",
    severity: textOf(rule, "security_severity_level") ?? textOf(rule, "severity") ?? "unknown",
    message: textOf(fields(instance.message), "text") ?? textOf(rule, "description") ?? "",
    file: textOf(location, "path"),
    line: typeof location.start_line === "number" ? location.start_line : undefined,
    url: textOf(one, "html_url"),
  };
}

async function ask(
  repository: string,
  path: string,
  right: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly Props[]> {
  const { token, baseUrl } = readOptions(env);
  const unread = (message: string, cause?: unknown) =>
    new SitefleetError({
      code: "quality.unread",
      message: `GitHub ${message}`,
      subject: repository,
      hint: `GITHUB_TOKEN needs the right "${right}", and the repository must have these alerts switched on`,
      cause,
    });
  if (!token) throw unread("cannot be asked: GITHUB_TOKEN is not set");
  const url = `${baseUrl}/repos/${repository.split("/").map(part).join("/")}/${path}`;
  const { status, text } = await sender(
    env,
    token,
    signal,
    CALL_MS,
  )(url, "GET").catch((error: unknown) => {
    const cause = reasonOf(error);
    throw unread(`does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw unread(`answered ${status} with no JSON`);
  }
  if (status !== 200) throw unread(`answered ${status}: ${plainLine(textOf(fields(body), "message") ?? "", 200)}`);
  if (!Array.isArray(body)) throw unread("answered something that is no list");
  return listOf(body);
}
