import type { Props } from "../../framework/index.ts";
import { boolean, defineResource, isNotFound, list, map, object, string } from "../../framework/index.ts";
import type { VercelClient } from "../client.ts";
import { explain } from "../client.ts";
import { poll } from "../poll.ts";
import { getProject } from "../project/index.ts";
import type { ApiLink } from "../project/state.ts";
import { checkFramework } from "../validation.ts";
import { createWithFiles, parseFiles } from "./files.ts";
import type { ApiDeployment } from "./state.ts";
import { deploymentState, failureOf, isComplete } from "./state.ts";

const setting = () => string({ replaces: true });

// What the deployments API wants to know about the repository, by the kind of link.
function gitSource(link: ApiLink | null | undefined, ref: unknown): Props {
  switch (link?.type) {
    case "github":
      return { type: "github", org: link.org, repo: link.repo, ref };
    case "gitlab":
      return { type: "gitlab", projectId: Number(link.projectId), ref };
    case "bitbucket":
      return { type: "bitbucket", owner: link.owner, slug: link.slug, ref };
    default:
      throw new Error("unable to deploy project by ref: project has no linked git repository");
  }
}

function projectSettings(settings: Props | undefined): Props {
  const result: Props = { sourceFilesOutsideRootDirectory: true };
  if (settings === undefined) return result;
  for (const key of ["buildCommand", "framework", "installCommand", "outputDirectory"]) {
    if (settings[key] !== "") result[key] = settings[key] ?? null;
  }
  if (settings.rootDirectory === undefined) result.rootDirectory = null;
  return result;
}

/**
 * `Deployment`: builds a commit (`ref`) or files. Every input replaces, `deleteOnDestroy` too, because the real one's
 * computed `domains` becomes unknown with any change and replaces.
 */
export const deployment = defineResource<VercelClient>({
  properties: {
    projectId: string({ required: true, replaces: true }),
    teamId: string({ computed: true, replaces: true }),
    ref: string({ replaces: true }),
    files: map(string(), {
      replaces: true,
      validate: (value) =>
        Object.keys(value as Props).length > 0 ? undefined : "map must contain at least 1 elements, got: 0",
    }),
    pathPrefix: string({ replaces: true }),
    production: boolean({ computed: true, replaces: true }),
    environment: map(string(), { secret: true, replaces: true, writeOnly: true }),
    meta: map(string(), { computed: true, replaces: true }),
    projectSettings: object(
      {
        buildCommand: setting(),
        framework: setting(),
        installCommand: setting(),
        outputDirectory: setting(),
        rootDirectory: setting(),
      },
      { replaces: true },
    ),
    deleteOnDestroy: boolean({ replaces: true }),
    customEnvironmentId: string({ replaces: true }),
    domains: list(string(), { output: true }),
    url: string({ output: true }),
  },

  async check(call) {
    const { inputs, fail } = call;
    if (inputs.ref !== undefined && inputs.files !== undefined) {
      fail("", "Deployment Invalid: A Deployment cannot have both `ref` and `files` specified");
    }
    if (inputs.ref === undefined && inputs.files === undefined) {
      fail("", "Deployment Invalid: A Deployment must have either `ref` or `files` specified");
    }
    await checkFramework(call, "projectSettings.framework", (inputs.projectSettings as Props | undefined)?.framework);
  },

  async create({ client, inputs, signal }) {
    const { projectId, teamId, ref } = inputs;
    const summary = "Error creating deployment";
    const files = parseFiles(inputs.files as Record<string, string> | undefined, inputs.pathPrefix);
    const project = await getProject(client, String(projectId), teamId).catch((error: unknown) => {
      if (!isNotFound(error)) return explain(summary, "Unexpected error reading project", Promise.reject(error));
      throw new Error(
        `${summary}: Could not find project, please make sure both the project_id and team_id match the project and team you wish to deploy to.`,
      );
    });
    // The real provider reads the project a second time for the repository's link.
    const linked = ref === undefined ? project : await getProject(client, String(projectId), teamId);
    const environment = (inputs.environment as Props | undefined) ?? {};
    const body = {
      ...(files.length > 0 && { files: files.map(({ file, sha, size }) => ({ file, sha, size })) }),
      ...(Object.keys(environment).length > 0 && { env: environment, build: { env: environment } }),
      project: projectId,
      projectSettings: projectSettings(inputs.projectSettings as Props | undefined),
      name: projectId,
      ...(inputs.production === true && { target: "production" }),
      ...(ref !== undefined && { gitSource: gitSource(linked.link, ref) }),
      ...(inputs.customEnvironmentId !== undefined && { customEnvironmentSlugOrId: inputs.customEnvironmentId }),
      ...(inputs.meta !== undefined && { meta: inputs.meta }),
    };
    const detail = "Could not create deployment";
    const made = await explain(summary, detail, createWithFiles(client, teamId, body, files));
    const look = () => client.call<ApiDeployment>(`/v13/deployments/${made.id}`, teamId, { method: "GET" });
    // A build that fails leaves a deployment at Vercel that is in no state; the real provider keeps no id either.
    const finished = (now: ApiDeployment): boolean => {
      if (isComplete(now)) return true;
      const failure = failureOf(now, projectId);
      if (failure !== undefined) throw new Error(failure);
      return false;
    };
    const ready = await explain(summary, detail, poll(made, look, finished, signal));
    return { id: ready.id, outputs: deploymentState(ready, inputs, client.teamId(teamId)) };
  },

  async read({ client, id, state, importing }) {
    if (importing) throw new Error("Resource Import Not Implemented: this resource does not support import");
    const found = await client.call<ApiDeployment>(`/v13/deployments/${id}`, state.teamId, { method: "GET" });
    return { id: found.id, outputs: deploymentState(found, state, client.teamId(state.teamId)) };
  },

  async delete({ client, id, state }) {
    if (state.deleteOnDestroy !== true) return;
    const call = client.call(`/v13/deployments/${id}`, state.teamId, { method: "DELETE" });
    await explain("Error deleting deployment", `Could not delete deployment ${state.url}`, call);
  },
});
