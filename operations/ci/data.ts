import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { childEnvironment, environment } from "../../environment/index.ts";
import { SitefleetError } from "../../errors/index.ts";
import { plainLine } from "../../errors/plain.ts";
import { gitArguments, gitLogin } from "../../fleet/backend/git.ts";
import { noEvents } from "../kit/events.ts";
import { wholeNumber } from "../kit/fields.ts";
import { flag } from "../kit/flags.ts";
import { defineOperation } from "../kit/operation.ts";
import { commitField, LISTED, MOST_BYTES, readTree, type TreeFile } from "./tree.ts";

/** For one question to git, ms; the fetch is one of them. */
const GIT_MS = 120_000;

/** Puts what a pull request makes of the catalog in place of this checkout's: plain files, and nothing else of it. */
export const ciData = defineOperation({
  name: "ci data",
  summary: "put the catalog of a pull request in place of this checkout's: its plain files, and nothing else of it",
  changes: true,
  input: z.object({
    pull: flag(z.int().min(1), "--pull <number>", "number of the pull request", wholeNumber("--pull")),
    head: commitField(),
  }),
  events: noEvents,
  output: z.object({ files: z.int().min(0), bytes: z.int().min(0), head: z.string() }),
  async run({ pull, head }, { estate: { catalogDir }, signal }) {
    const git = async (...args: string[]) => (await bytesOf(catalogDir, args, signal)).toString("utf8").trimEnd();
    const dirty = await git("status", "--porcelain", "--untracked-files=no", "--", ".");
    if (dirty !== "")
      throw refused("this checkout's catalog has changes that are in no commit", "commit or stash them first");
    // Not a part of its history: that would make a whole clone a shallow one, in which approvals cannot be counted.
    await git("fetch", "--quiet", "--no-tags", "origin", `refs/pull/${pull}/head`);
    const found = await git("rev-parse", "--verify", "FETCH_HEAD^{commit}");
    if (found !== head)
      throw refused(
        `pull request ${pull} is at ${found.slice(0, 12)} by now, not at ${head.slice(0, 12)}`,
        "the run for its newest commit previews it",
      );
    const prefix = await git("rev-parse", "--show-prefix");
    const tree = await merged(git, head, prefix);
    const files = readTree(
      await git("ls-tree", "-r", "-z", "-l", "--full-tree", tree, "--", prefix === "" ? "." : prefix),
      prefix,
    );
    const texts: [TreeFile, Uint8Array][] = [];
    for (const file of files) texts.push([file, await bytesOf(catalogDir, ["cat-file", "blob", file.id], signal)]);
    const before = await git("ls-files", "-z", "--", ".");
    for (const name of before.split("\0").filter(Boolean)) rmSync(join(catalogDir, name), { force: true });
    for (const [{ name }, bytes] of texts) {
      const to = join(catalogDir, name);
      mkdirSync(dirname(to), { recursive: true });
      // Anything that is there is not git's, and may be a link.
      rmSync(to, { recursive: true, force: true });
      writeFileSync(to, bytes, { flag: "wx" });
    }
    return { files: texts.length, bytes: texts.reduce((sum, [, bytes]) => sum + bytes.length, 0), head };
  },
  document: (taken) => taken,
});

/**
 * What the base branch would have after a merge: a change that was begun some time ago has not what came to the base since, and taken by
 * itself it would seem to delete that. Nothing is checked out, and only built-in ways of merging are used.
 *
 * @returns the tree
 */
async function merged(git: (...args: string[]) => Promise<string>, head: string, prefix: string): Promise<string> {
  const base = await git("merge-base", "HEAD", head).catch((error: unknown) => {
    throw refused(
      "the change and this checkout have no commit in common here",
      "a whole clone is needed: fetch-depth: 0 in a workflow",
      error,
    );
  });
  if (base === (await git("rev-parse", "HEAD"))) return head;
  // 1: there are conflicts, and they are listed.
  const told = await git("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", "HEAD", head);
  const [tree = "", ...conflicts] = told.split("\0").filter(Boolean);
  // They are told from the catalog's folder.
  const within = conflicts.filter((path) => !path.startsWith("../"));
  if (within.length === 0) return tree;
  throw new SitefleetError({
    code: "ci.data",
    message: "the catalog of this change cannot be merged into the base branch's, so it is not known what it would do",
    details: within.slice(0, LISTED).map((path) => plainLine(`${prefix}${path}`, 200)),
    hint: "merge the base branch into the change, and mend what conflicts",
  });
}

const refused = (message: string, hint: string, cause?: unknown) =>
  new SitefleetError({ code: "ci.data", message, hint, cause });

/** The token of a job goes to its own server alone, and stands in no argument. */
function login(): Record<string, string> {
  const { GITHUB_TOKEN: token, GITHUB_SERVER_URL: server } = environment();
  return token && server?.startsWith("https://") ? gitLogin(`${server}/`, token) : {};
}

const execute = promisify(execFile);

/** What git answers, byte by byte. */
async function bytesOf(dir: string, args: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const env = { ...childEnvironment(), ...login(), GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", LC_ALL: "C" };
  try {
    const options = { encoding: "buffer", timeout: GIT_MS, maxBuffer: 2 * MOST_BYTES, env, signal } as const;
    return (await execute("git", gitArguments(dir, args), options)).stdout;
  } catch (error) {
    signal.throwIfAborted();
    const { code, stdout } = error as { code?: unknown; stdout?: Buffer };
    if (args[0] === "merge-tree" && code === 1 && stdout !== undefined) return stdout;
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    const last = plainLine(said.split("\n").at(-1) ?? "", 300);
    throw refused(`git ${args[0]} failed: ${last}`, "the checkout needs `origin`, and a token that may read it", error);
  }
}
