import spawn, { SubprocessError } from "nano-spawn";
import { childEnvironment } from "../../environment/index.ts";

/** Milliseconds for a question to a local repository. */
const GIT_MS = 30_000;
/** Settings of a repository that would run programs of its own. */
const SAFE = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "log.showSignature=false",
  "core.quotePath=false",
  "protocol.ext.allow=never",
];

/** What git is started with to ask the repository that holds a directory, so that nothing of the repository is run. Pure. */
export const gitArguments = (dir: string, args: readonly string[]): string[] => [
  ...SAFE.flatMap((value) => ["-c", value]),
  "-C",
  dir,
  ...args,
];

/** Variables by which git shows a token to one server alone; it stands in no argument. @param server its address, with `/` at the end. Pure. */
export const gitLogin = (server: string, token: string): Record<string, string> => ({
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: `http.${server}.extraheader`,
  GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`,
});

/**
 * Asks the repository that holds a directory; undefined when git says no. Nothing of the repository is run.
 *
 * @param said what it is told on stdin. @default nothing
 */
export async function askGit(dir: string, args: readonly string[], said?: string): Promise<string | undefined> {
  try {
    const env = { ...childEnvironment(), GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
    const stdin = said === undefined ? ("ignore" as const) : { string: said };
    return (await spawn("git", gitArguments(dir, args), { env, stdin, timeout: GIT_MS })).stdout;
  } catch (error) {
    if (error instanceof SubprocessError) return undefined;
    throw error;
  }
}

/**
 * Where a directory is in its repository, with `/` and none at the end; empty for its root, undefined outside of git. Git is asked: a
 * path that leads through links says nothing about it.
 */
export const placeInRepository = async (dir: string): Promise<string | undefined> =>
  (await askGit(dir, ["rev-parse", "--show-prefix"]))?.replace(/\/$/, "");

/** The commits that some names stand for, in their order, in one question; undefined for one that stands for none. */
export async function commitsOf(dir: string, names: readonly string[]): Promise<(string | undefined)[]> {
  const asked = names.map((name) => (name.includes("\n") ? "" : `${name}^{commit}`));
  const told = (await askGit(dir, ["cat-file", "--batch-check"], `${asked.join("\n")}\n`)) ?? "";
  const lines = told.split("\n");
  return names.map((_, index) => /^([0-9a-f]{40,}) commit \d+$/.exec(lines[index] ?? "")?.[1]);
}

/** The branch that `origin` begins with, as a clone has noted it; undefined where that is not known: a job's checkout notes none. */
export async function defaultBranch(dir: string): Promise<string | undefined> {
  const head = await askGit(dir, ["rev-parse", "--abbrev-ref", "origin/HEAD"]);
  return head?.startsWith("origin/") ? head.slice("origin/".length) : undefined;
}

/** The texts of some blobs, in their order, in one question; "" for one that is not there. */
export async function blobsOf(dir: string, ids: readonly string[]): Promise<string[]> {
  const told = Buffer.from((await askGit(dir, ["cat-file", "--batch"], `${ids.join("\n")}\n`)) ?? "");
  let at = 0;
  return ids.map(() => {
    const end = told.indexOf("\n", at);
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(told.subarray(at, end).toString())?.[1] ?? Number.NaN);
    if (end < 0 || Number.isNaN(size)) {
      at = end < 0 ? told.length : end + 1;
      return "";
    }
    at = end + 1 + size + 1;
    return told.subarray(end + 1, end + 1 + size).toString("utf8");
  });
}
