import type { DiffCall, Props } from "../framework/index.ts";
import { boolean, defineFunction, integer, isObject, list, string } from "../framework/index.ts";
import type { GithubClient } from "./client.ts";

/** `/repos/{owner}/{repository}`, escaped. */
export function repositoryPath(client: GithubClient, repository: unknown): string {
  return `/repos/${encodeURIComponent(client.owner)}/${encodeURIComponent(String(repository))}`;
}

/** `/repositories/{id}/environments/{name}` with the name escaped: how the provider addresses an environment's secrets. */
export function environmentByIdPath(repositoryId: unknown, environment: unknown): string {
  return `/repositories/${String(repositoryId)}/environments/${encodeURIComponent(String(environment))}`;
}

/** The number of a repository. @throws ApiError when there is none of that name */
export async function repositoryId(client: GithubClient, repository: unknown): Promise<number> {
  const found = await client.get(repositoryPath(client, repository));
  return isObject(found) ? Number(found.id) : Number.NaN;
}

/**
 * A changed repository name replaces: the stand-in never takes it for a rename, because that needs a look at the API in
 * Diff (github/util_diff.go), which it does not have there.
 */
export function replaceOnRepository({ state, planned, replace }: DiffCall): void {
  if (state.repository !== planned.repository) replace("repository");
}

/** RFC 3339 as Go prints a time: `2026-11-22 05:38:37 +0000 UTC`. */
export function goTime(value: unknown): string {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) return "";
  return `${date.toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
}

/** Makes an {@link ApiError} an ordinary one, where the real provider does not take 404 for done. */
export async function insistently(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    throw error instanceof Error ? new Error(error.message) : error;
  });
}

const found = {
  fullName: string(),
  name: string(),
  repoId: integer(),
  nodeId: string(),
  defaultBranch: string(),
  private: boolean(),
  visibility: string(),
  archived: boolean(),
  htmlUrl: string(),
  sshCloneUrl: string(),
  httpCloneUrl: string(),
  topics: list(string()),
};

/** `getRepository`: the fields a deployment needs, by name or full name. */
export const getRepository = defineFunction<GithubClient>({
  inputs: { name: string(), fullName: string(), description: string(), homepageUrl: string() },
  outputs: { ...found, id: string(), description: string(), homepageUrl: string() },
  async invoke({ client, inputs }) {
    const path =
      typeof inputs.fullName === "string"
        ? `/repos/${inputs.fullName.split("/").map(encodeURIComponent).join("/")}`
        : repositoryPath(client, inputs.name);
    const body = (await client.get(path)) as Props;
    return {
      id: body.name,
      name: body.name,
      fullName: body.full_name,
      repoId: body.id,
      nodeId: body.node_id,
      defaultBranch: body.default_branch,
      private: body.private,
      visibility: body.visibility,
      archived: body.archived ?? false,
      htmlUrl: body.html_url,
      sshCloneUrl: body.ssh_url,
      httpCloneUrl: body.clone_url,
      topics: body.topics ?? [],
      description: body.description ?? "",
      homepageUrl: body.homepage ?? "",
    };
  },
});
