import { createHash } from "node:crypto";
import { type Api, optionalText, requireText } from "../api.ts";
import { ApiError, badRequest } from "../errors.ts";
import type { DeploymentRecord, GitSource, ProjectRecord } from "../records.ts";
import { repositoryNumber } from "../repository-number.ts";

/** Where a new deployment's code comes from. */
export interface Source {
  readonly gitSource: GitSource | null;
  readonly source: "git" | "cli";
  readonly commit: string;
  /** Metadata that comes with the source. */
  readonly meta: Record<string, string>;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** What a caller's body says about the code. @throws ApiError 400 when nothing usable is there */
export function readSource(
  api: Api,
  project: ProjectRecord,
  body: Readonly<Record<string, unknown>>,
  base: DeploymentRecord | undefined,
): Source {
  if (base !== undefined) {
    return { gitSource: base.gitSource, source: base.source, commit: base.commit, meta: { ...base.meta } };
  }
  if (body.gitSource !== undefined) return fromGit(api, project, body.gitSource);
  if (Array.isArray(body.files)) return fromFiles(api, body.files, body.gitMetadata);
  throw badRequest("Invalid request: missing required property `files`.");
}

function fromGit(api: Api, project: ProjectRecord, given: unknown): Source {
  if (typeof given !== "object" || given === null) throw badRequest("Invalid request: `gitSource` should be object.");
  const source = given as Record<string, unknown>;
  const type = requireText(source, "type");
  const ref = requireText(source, "ref");
  if (ref === "") throw badRequest("Invalid request: `ref` should NOT be shorter than 1 characters.");
  const owner = optionalText(source.org) ?? optionalText(source.owner) ?? project.link?.owner;
  const repo = optionalText(source.repo) ?? optionalText(source.slug) ?? project.link?.repo;
  const name = `${owner}/${repo}`;
  if (owner === undefined || repo === undefined || api.repositories?.has(name) === false) {
    throw new ApiError(400, "incorrect_git_source_info", "The provided GitHub repository can't be found.");
  }
  // A branch has one commit here, the same every time; a commit is taken at its word.
  const sha = optionalText(source.sha) ?? (COMMIT.test(ref) ? ref : sha1(`${name}#${ref}`));
  return {
    gitSource: { type, ref, sha, org: owner, repo, repoId: repositoryNumber(name) },
    source: "git",
    commit: sha,
    meta: {},
  };
}

function fromFiles(api: Api, files: readonly unknown[], gitMetadata: unknown): Source {
  const missing: string[] = [];
  const list: string[] = [];
  for (const file of files) {
    if (typeof file !== "object" || file === null) throw badRequest("Invalid request: `files` should be object.");
    const { file: path, sha, data, encoding } = file as Record<string, unknown>;
    if (typeof path !== "string") throw badRequest("Invalid request: missing required property `file`.");
    const digest =
      typeof sha === "string"
        ? sha
        : createHash("sha1")
            .update(Buffer.from(String(data ?? ""), encoding === "base64" ? "base64" : "utf8"))
            .digest("hex");
    if (typeof sha === "string" && !api.store.files.has(sha)) missing.push(sha);
    list.push(`${path}~${digest}`);
  }
  if (missing.length > 0) {
    throw new ApiError(400, "missing_files", "Missing files", { missing: [...new Set(missing)] });
  }
  const meta = commitMeta(gitMetadata);
  return {
    gitSource: null,
    source: "cli",
    commit: meta.githubCommitSha ?? sha1(list.sort().join("\n")),
    meta,
  };
}

function commitMeta(given: unknown): Record<string, string> {
  if (typeof given !== "object" || given === null) return {};
  const git = given as Record<string, unknown>;
  const meta: Record<string, string> = {};
  const take = (from: string, to: string): void => {
    if (typeof git[from] === "string" && git[from] !== "") meta[to] = git[from];
  };
  take("commitSha", "githubCommitSha");
  take("commitRef", "githubCommitRef");
  take("commitMessage", "githubCommitMessage");
  take("commitAuthorName", "githubCommitAuthorName");
  if (git.dirty === true) meta.gitDirty = "1";
  return meta;
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
