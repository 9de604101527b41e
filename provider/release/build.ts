import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SitefleetError } from "../../errors/index.ts";
import { ApiError } from "../framework/index.ts";
import type { VercelApi } from "../vercel/api.ts";
import type { Deployment, Repository } from "../vercel/shapes.ts";
import { type Goal, metaOf, type Source, type SourceFile } from "./goal.ts";

/** Files uploaded at the same time. */
const UPLOADS = 8;

/** What the deployments API is sent: a production build that leaves the hosts where they are. */
export async function buildBody(
  api: VercelApi,
  goal: Pick<Goal, "projectId" | "source" | "buildKey" | "settings">,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const { projectId, source } = goal;
  const base = {
    name: projectId,
    project: projectId,
    target: "production",
    autoAssignCustomDomains: false,
    meta: metaOf(goal),
  };
  if (source.kind === "files") {
    return { ...base, files: source.files.map(({ file, sha, size }) => ({ file, sha, size })) };
  }
  const repository = source.repository ?? (await linkOf(api, projectId, signal));
  return { ...base, gitSource: { ...repository, ref: source.sha, sha: source.sha } };
}

async function linkOf(api: VercelApi, projectId: string, signal?: AbortSignal): Promise<Repository> {
  const project = await api.project(projectId, signal);
  if (project?.link !== undefined) return project.link;
  const why = project === undefined ? "does not exist" : "is linked to no repository";
  throw new SitefleetError({
    code: "release.no-repository",
    message: `project ${projectId} ${why}`,
    subject: projectId,
    hint: "link the project, or give `repository`",
  });
}

/** Creates the deployment; uploads the files that Vercel lacks, and asks again. */
export async function createWithFiles(
  api: VercelApi,
  body: Readonly<Record<string, unknown>>,
  source: Source,
): Promise<Deployment> {
  try {
    return await api.createDeployment(body);
  } catch (error) {
    if (source.kind !== "files" || !(error instanceof ApiError) || error.apiCode !== "missing_files") throw error;
    const { missing } = (error.body as { error: { missing?: readonly string[] } }).error;
    const bySha = new Map(source.files.map((file): [string, SourceFile] => [file.sha, file]));
    const wanted = (missing ?? []).flatMap((sha) => bySha.get(sha) ?? []);
    for (let from = 0; from < wanted.length; from += UPLOADS) {
      await Promise.all(wanted.slice(from, from + UPLOADS).map((file) => upload(api, source.root, file)));
    }
    return api.createDeployment(body);
  }
}

async function upload(api: VercelApi, root: string, { file, sha }: SourceFile): Promise<void> {
  const content = await readFile(resolve(root, file));
  if (createHash("sha1").update(content).digest("hex") !== sha) {
    throw new SitefleetError({
      code: "release.file-changed",
      message: `${file} is not what it was when the release was planned`,
      subject: file,
      hint: "run again",
    });
  }
  await api.upload(sha, content);
}
