import { cp, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { type Git, gitUri } from "./git.ts";

/** Where a build's source is. */
export interface SourceRequest {
  /** Key of the service, for messages. */
  readonly subject: string;
  /** Absolute directory of the checkout. */
  readonly repository: string;
  readonly git?: string | undefined;
  readonly ref?: string | undefined;
  /** Also build what is not committed. */
  readonly allowDirty: boolean;
}

/** A copy of the source, for one build. */
export interface Source {
  /** Its root. */
  readonly dir: string;
  /** Commit; undefined when it is in no repository. */
  readonly commit?: string;
  /** `git+https://…`; undefined when no remote address is known. */
  readonly uri?: string;
  /** Directory of the source inside its git repository, without slashes at the ends; empty = the root. */
  readonly inside: string;
  /** It holds changes that are in no commit. */
  readonly dirty: boolean;
  /** Name of the directory. */
  readonly name: string;
  /** Time of the commit, seconds since the epoch. */
  readonly commitTime?: number;
}

/**
 * Puts a copy of the source at `target`: a fresh checkout of the commit, so that what is built is what is committed and the
 * checkout of a person is left alone. A directory that is in no repository is copied as it is, without `node_modules`.
 *
 * @throws SitefleetError `build.source` when there is none, `build.dirty` when it has changes that are in no commit, `build.git`.
 */
export async function fetchSource(request: SourceRequest, git: Git, target: string): Promise<Source> {
  const { repository, subject, ref } = request;
  if (request.git !== undefined && ref !== undefined) await cloneOrFetch(request, git);
  if (!(await isDirectory(repository))) {
    throw new SitefleetError({
      code: "build.source",
      subject,
      message: `there is no directory ${repository}`,
      hint: "check the source out there, or declare `git` and `ref` in its `build`",
    });
  }
  const tracked = await trackedFiles(git, repository);
  const name = basename(repository);
  if (tracked === undefined) {
    if (ref !== undefined) throw notARepository(request);
    await copyPlain(repository, target, subject);
    return { dir: target, inside: "", dirty: true, name };
  }
  const root = await git(repository, ["rev-parse", "--show-toplevel"]);
  const inside = (await git(repository, ["rev-parse", "--show-prefix"])).replace(/\/$/, "");
  const commit = await git(repository, ["rev-parse", "--verify", "--end-of-options", `${ref ?? "HEAD"}^{commit}`]);
  const commitTime = Number(await git(root, ["show", "--no-patch", "--format=%ct", commit]));
  const address = request.git ?? (await git(root, ["config", "--get", "remote.origin.url"]).catch(() => ""));
  const uri = gitUri(address);
  const dirty = ref === undefined && (await git(repository, ["status", "--porcelain", "--", "."])) !== "";
  if (dirty && !request.allowDirty) {
    throw new SitefleetError({
      code: "build.dirty",
      subject,
      message: `${repository} has changes that are in no commit`,
      hint: "commit them, or build them all the same with --allow-dirty: the provenance says so",
    });
  }
  const described = { commit, commitTime, inside, dirty, name, uri };
  if (dirty) {
    const files = await git(repository, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    await copyFiles(repository, files, join(target, inside));
  } else {
    // Objects are borrowed, not copied; no template, so no hook of the machine.
    await git(root, ["clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", root, target]);
    await git(target, ["checkout", "--quiet", "--detach", commit]);
  }
  return { dir: join(target, inside), ...described };
}

async function cloneOrFetch({ repository, git: address = "", ref = "" }: SourceRequest, git: Git): Promise<void> {
  if (!(await isDirectory(repository))) {
    await mkdir(dirname(repository), { recursive: true });
    const temporary = `${repository}.cloning-${process.pid}`;
    try {
      await git(dirname(repository), ["clone", "--quiet", "--no-checkout", "--", address, temporary], true);
      await rename(temporary, repository);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  const has = () =>
    git(repository, ["cat-file", "-e", `${ref}^{commit}`]).then(
      () => true,
      () => false,
    );
  if (!(await has())) await git(repository, ["fetch", "--quiet", "--", address, ref], true);
}

/** Whether the directory holds files of a repository; a plain directory inside an unrelated repository does not. */
async function trackedFiles(git: Git, dir: string): Promise<true | undefined> {
  try {
    if ((await git(dir, ["rev-parse", "--is-inside-work-tree"])) !== "true") return undefined;
    // A clone without a checkout has a commit and no index yet.
    if ((await git(dir, ["rev-parse", "--show-prefix"])) === "") return true;
    return (await git(dir, ["ls-tree", "-r", "--name-only", "HEAD", "."])) === "" ? undefined : true;
  } catch (error) {
    if (error instanceof SitefleetError && error.code === "build.git") return undefined;
    throw error;
  }
}

async function copyPlain(from: string, to: string, subject: string): Promise<void> {
  try {
    await cp(from, to, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !["node_modules", ".git"].includes(basename(path)) || path === from,
    });
  } catch (error) {
    throw new SitefleetError({
      code: "build.source",
      subject,
      message: `${from} cannot be copied (${(error as NodeJS.ErrnoException).code ?? "unknown"})`,
      hint: "leave sockets, pipes and unreadable files out of the source",
      cause: error,
    });
  }
}

async function copyFiles(from: string, list: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const path of list.split("\0")) {
    if (path === "") continue;
    // Gone from the working tree, or a submodule, which is a directory.
    const found = await lstat(join(from, path)).catch(() => undefined);
    if (found?.isFile() || found?.isSymbolicLink())
      await cp(join(from, path), join(to, path), { verbatimSymlinks: true });
  }
}

function notARepository({ subject, repository }: SourceRequest): SitefleetError {
  return new SitefleetError({
    code: "build.source",
    subject,
    message: `${repository} is no git repository, so it has no commit to build`,
    hint: "check the repository out there, or leave `ref` out",
  });
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
