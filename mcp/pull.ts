import { environment, inEnvironment, proxies } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { plainLine } from "../errors/plain.ts";
import { askGit } from "../fleet/backend/git.ts";
import { VENDORS } from "../vendors/index.ts";
import type { Proposal } from "./propose.ts";

/** Where the token may go. */
const GITHUB = "https://github.com/";
/** Milliseconds for the answer. */
const PATIENCE_MS = 30_000;

/** Where proposals become pull requests, as a person has started the server. */
export interface Pulls {
  /** `owner/name` */
  readonly repository: string;
  readonly token: string;
}

const refused = (message: string, hint: string) => new SitefleetError({ code: "mcp.proposal", message, hint });

/**
 * Pushes a proposal's branch to `origin` and opens a pull request from it. Nothing is merged, and no other branch is pushed.
 *
 * @returns its address
 * @throws SitefleetError `mcp.proposal`; the branch is there all the same
 */
export async function openPull(
  catalogDir: string,
  { branch, commit }: Proposal,
  title: string,
  { repository, token }: Pulls,
  signal: AbortSignal,
): Promise<string> {
  const origin = (await askGit(catalogDir, ["remote", "get-url", "--push", "origin"])) ?? "";
  const header = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  const own = origin.startsWith(GITHUB)
    ? { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: `http.${GITHUB}.extraHeader`, GIT_CONFIG_VALUE_0: header }
    : {};
  const push = ["push", "--no-verify", "--porcelain", "origin", `${commit}:refs/heads/${branch}`];
  const pushed = await inEnvironment({ ...environment(), ...own }, () => askGit(catalogDir, push));
  if (pushed === undefined)
    throw refused(
      `the branch ${branch} is here, and could not be pushed`,
      "push it, and open the pull request by hand",
    );
  const head = await askGit(catalogDir, ["rev-parse", "--abbrev-ref", "origin/HEAD"]);
  const base = head?.startsWith("origin/") ? head.slice("origin/".length) : "main";
  const { issues } = VENDORS.find((vendor) => vendor.issues !== undefined) ?? {};
  const address = issues?.address(repository, environment()).replace(/\/issues$/, "/pulls") ?? "";
  const { EnvHttpProxyAgent, fetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent(proxies());
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { ...issues?.headers(token), "content-type": "application/json" },
      body: JSON.stringify({
        title: plainLine(title, 100),
        head: branch,
        base,
        body: "Proposed by an agent, by `sitefleet mcp`. A person reviews and merges it.",
      }),
      redirect: "error",
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    if (answer.status !== 201)
      throw refused(
        `the branch ${branch} was pushed, and the pull request was refused (${answer.status})`,
        "open it by hand, or give the token write access to pull requests",
      );
    const { html_url: url } = (await answer.json()) as { html_url?: string };
    return typeof url === "string" ? url : address;
  } finally {
    void dispatcher.destroy();
  }
}
