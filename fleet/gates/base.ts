import { environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { askGit, commitsOf, placeInRepository } from "../backend/git.ts";

/** Base branches that are tried when none is named. */
const BASES = ["origin/HEAD", "origin/main", "main", "origin/master", "master"];

/** The files that say what must be asked and who may answer, as they are on the base. */
export interface BaseView {
  /** What they were read from: a commit; `files` outside of git. */
  readonly from: string;
  /** The commit of what is carried out; undefined outside of git. */
  readonly head?: string | undefined;
  readonly gates?: string | undefined;
  readonly approvers?: string | undefined;
  readonly quality?: string | undefined;
  /** The approvers as the base branch has them now; "" when it has none any more, undefined when that is the same commit. */
  readonly newest?: string | undefined;
  /** Addresses of the authors and committers of what was changed since, lower case. */
  readonly authors: readonly string[];
  /** Said to people. */
  readonly notes: readonly string[];
}

/**
 * Reads approvers and gates as they are on the base branch, which a change cannot write.
 *
 * The base is the commit that was carried out last, as the backend remembers it; before the first one the branch SITEFLEET_BASE,
 * else `origin/HEAD`, else `main`, and where that holds the change already, the change's first parent. So an approver who is added
 * by a push counts only once an earlier approver has said yes to a run with it.
 *
 * @param remembered the commit that was last carried out with these approvers' knowledge
 * @returns undefined outside of git
 * @throws SitefleetError `approval.base` when SITEFLEET_BASE is no commit, or the clone is shallow
 */
export async function readBase(catalogDir: string, remembered: string | undefined): Promise<BaseView | undefined> {
  const git = (...args: string[]) => askGit(catalogDir, args);
  const prefix = await placeInRepository(catalogDir);
  if (prefix === undefined) return undefined;
  const named = environment().SITEFLEET_BASE;
  const refs = named ? [named] : BASES;
  // Each question is a process: what can be asked together is.
  const [[head, parent, ...tips], dirty] = await Promise.all([
    commitsOf(catalogDir, ["HEAD", "HEAD^1", ...refs]),
    isDirty(git),
  ]);
  if (head === undefined) return undefined;
  const { ref, tip } = baseOf(refs, tips, named);
  const from = await startOf(git, { head, parent, tip, remembered });
  const file = (name: string, at: string) => git("show", `${at}:${prefix === "" ? name : `${prefix}/${name}`}`);
  const [gates, approvers, quality, newest] = await Promise.all([
    file("gates.yaml", from),
    file("approvers.yaml", from),
    file("quality.yaml", from),
    tip === undefined || tip === from ? undefined : file("approvers.yaml", tip),
  ]);
  if (approvers !== undefined && (await git("rev-parse", "--is-shallow-repository"))?.trim() === "true")
    throw unreadable(
      "the clone is shallow, so it is not known who wrote the change",
      "fetch all of it: fetch-depth: 0",
    );
  const people = await git("log", "--format=%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)", `${from}..${head}`);
  const me = dirty ? await git("config", "user.email") : undefined;
  return {
    from,
    head: dirty ? undefined : head,
    gates,
    approvers,
    quality,
    newest: tip === undefined || tip === from ? undefined : (newest ?? ""),
    authors: addresses(`${people ?? ""}\n${me ?? ""}`),
    notes: [
      `approvers and gates as they are at ${from.slice(0, 12)} (${from === tip ? ref : from === remembered ? "carried out last" : "before this change"})`,
      ...(dirty ? ["the catalog has changes that are in no commit; they count as yours"] : []),
    ],
  };
}

/** The commit of what is carried out; undefined outside of git, and where the catalog has changes that are in no commit. */
export async function headOf(catalogDir: string): Promise<string | undefined> {
  const git = (...args: string[]) => askGit(catalogDir, args);
  const [head, dirty] = await Promise.all([git("rev-parse", "--verify", "HEAD^{commit}"), isDirty(git)]);
  return dirty ? undefined : head;
}

/** Files of a catalog: in directories below it lies what was built, and approvals. */
const DECLARED = [":(glob)*.yaml", ":(glob)*.csv"];

/** Whether the catalog has changes that are in no commit, or that git does not tell. What was built into a directory of it is none. */
async function isDirty(git: Git): Promise<boolean> {
  const [changed, added] = await Promise.all([
    git("status", "--porcelain", "--untracked-files=no", "--", "."),
    git("ls-files", "--others", "--exclude-standard", "--", ...DECLARED),
  ]);
  return changed !== "" || added !== "";
}

type Git = (...args: string[]) => Promise<string | undefined>;

function baseOf(refs: readonly string[], tips: readonly (string | undefined)[], named: string | undefined) {
  const found = tips.findIndex((tip) => tip !== undefined);
  if (found === -1 && named)
    throw unreadable(`SITEFLEET_BASE is no commit here: ${named}`, "name a branch or commit, and fetch it");
  return { ref: refs[found] ?? "", tip: tips[found] };
}

interface Commits {
  readonly head: string;
  /** The first parent of the head. */
  readonly parent: string | undefined;
  /** Of the base branch. */
  readonly tip: string | undefined;
  /** The one that was carried out last. */
  readonly remembered: string | undefined;
}

async function startOf(git: Git, { head, parent, tip, remembered }: Commits): Promise<string> {
  const holds = async (commit: string, later: string) =>
    (await git("merge-base", "--is-ancestor", commit, later)) !== undefined;
  if (remembered && (await holds(remembered, head))) return remembered;
  if (tip !== undefined && tip !== head && !(await holds(head, tip))) return tip;
  return parent ?? head;
}

/** Every mail address in a text. */
const addresses = (text: string): string[] => [
  ...new Set((text.match(/[^\s<>@]+@[^\s<>@]+/g) ?? []).map((address) => address.toLowerCase())),
];

const unreadable = (message: string, hint: string) => new SitefleetError({ code: "approval.base", message, hint });
