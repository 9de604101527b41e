import { environment, inEnvironment } from "../environment/index.ts";
import { SitefleetError } from "../errors/index.ts";
import { plainLine } from "../errors/plain.ts";
import { reasonOf } from "../errors/reason.ts";
import { askGit, defaultBranch, gitLogin } from "../fleet/backend/git.ts";
import { VENDORS } from "../vendors/index.ts";
import type { Proposal } from "./propose.ts";

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
  const { pulls } = VENDORS.find((vendor) => vendor.pulls !== undefined) ?? {};
  if (pulls === undefined) throw new Error("vendors/index.ts lists no vendor that takes pull requests");
  // The token goes to its own server alone.
  const own = origin.startsWith(pulls.server) ? gitLogin(pulls.server, token) : {};
  const push = ["push", "--no-verify", "--porcelain", "origin", `${commit}:refs/heads/${branch}`];
  const pushed = await inEnvironment({ ...environment(), ...own }, () => askGit(catalogDir, push));
  if (pushed === undefined)
    throw refused(
      `the branch ${branch} is here, and could not be pushed`,
      "push it, and open the pull request by hand",
    );
  const base = (await defaultBranch(catalogDir)) ?? "main";
  const body = "Proposed by an agent, by `sitefleet mcp`. A person reviews and merges it.";
  const pull = { repository, head: branch, base, title: plainLine(title, 100), body };
  const opened = await pulls.open(pull, token, environment(), signal).catch((error: unknown) => {
    const cause = reasonOf(error);
    return { refused: plainLine(cause instanceof Error ? cause.message : String(cause), 200) };
  });
  if ("url" in opened) return opened.url;
  throw refused(
    `the branch ${branch} was pushed, and no pull request was opened (${opened.refused})`,
    "open it by hand, or give the token write access to pull requests",
  );
}
