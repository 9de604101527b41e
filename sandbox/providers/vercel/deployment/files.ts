import { lstat, readFile, readlink } from "node:fs/promises";
import { sep } from "node:path";
import { ApiError } from "../../framework/index.ts";
import type { VercelClient } from "../client.ts";
import type { ApiDeployment } from "./state.ts";

/** A file of a deployment: where it lies here, and what it is called there. */
export interface DeploymentFile {
  readonly source: string;
  readonly file: string;
  readonly sha: string;
  /** Bytes. */
  readonly size: number;
}

function remoteName(path: string, prefix: unknown): string {
  const name = path.split(sep).join("/");
  // The real one strips one `../` only, although its comment says all.
  if (prefix === undefined) return name.startsWith("../") ? name.slice(3) : name;
  const wanted = String(prefix).endsWith("/") ? String(prefix) : `${prefix}/`;
  return name.startsWith(wanted) ? name.slice(wanted.length) : name;
}

/** Reads the `files` input, as `getProjectDirectory` gives it: path → `size~sha1`. Throws for other forms. */
export function parseFiles(files: Record<string, string> | undefined, prefix: unknown): DeploymentFile[] {
  return Object.entries(files ?? {}).map(([source, value]) => {
    const [size, sha, ...rest] = value.split("~");
    if (sha === undefined || rest.length > 0) {
      throw new Error(
        "Error creating deployment: Could not parse files, unexpected error: expected file to have format `filename: size~sha`, but could not parse",
      );
    }
    return { source, file: remoteName(source, prefix), sha, size: Number(size) };
  });
}

/** Asks for a deployment; uploads the files that Vercel says it lacks, and asks again. Rejects with ApiError. */
export async function createWithFiles(
  client: VercelClient,
  team: unknown,
  body: unknown,
  files: readonly DeploymentFile[],
): Promise<ApiDeployment> {
  const ask = () =>
    client.call<ApiDeployment>("/v12/now/deployments", team, {
      method: "POST",
      query: { skipAutoDetectionConfirmation: "1" },
      body,
    });
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ApiError) || error.apiCode !== "missing_files") throw error;
    const { missing } = (error.body as { error: { missing: string[] } }).error;
    for (const sha of missing) await upload(client, team, sha, files);
    return ask();
  }
}

async function upload(
  client: VercelClient,
  team: unknown,
  sha: string,
  files: readonly DeploymentFile[],
): Promise<void> {
  const file = files.find((item) => item.sha === sha);
  if (file === undefined) throw new Error(`the API misses a file that is not part of the deployment: ${sha}`);
  const isLink = (await lstat(file.source)).isSymbolicLink();
  const content = isLink ? await readlink(file.source) : await readFile(file.source);
  await client.call("/v2/now/files", team, {
    method: "POST",
    body: content,
    headers: { "x-vercel-digest": sha, "content-type": "application/octet-stream" },
  });
}
