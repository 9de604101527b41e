import type { CheckCall, Props } from "../../framework/index.ts";
import { defineResource, isObject } from "../../framework/index.ts";
import type { VercelClient } from "../client.ts";
import { explain } from "../client.ts";
import { checkSensitivity, createVariables, listVariables, toRequest } from "../environment.ts";
import { splitId } from "../ids.ts";
import { checkFramework, checkRegion } from "../validation.ts";
import { autoName } from "./name.ts";
import { createHooks, linkRepository, replaceHooks, setProductionBranch } from "./repository.ts";
import { createRequest, updateRequest } from "./request.ts";
import { projectProperties } from "./schema.ts";
import type { ApiProject } from "./state.ts";
import { projectState } from "./state.ts";

/** Reads a project by id or name. Rejects with ApiError, 404 when there is none. */
export function getProject(client: VercelClient, idOrName: string, team: unknown): Promise<ApiProject> {
  return client.call<ApiProject>(`/v10/projects/${idOrName}`, team, { method: "GET" });
}

async function check(call: CheckCall<VercelClient>): Promise<void> {
  const { inputs, olds, fail } = call;
  inputs.name ??= olds?.name ?? autoName(call.name, call.randomSeed);
  await checkFramework(call, "framework", inputs.framework);
  await checkRegion(call, "serverlessFunctionRegion", inputs.serverlessFunctionRegion);
  const config = isObject(inputs.resourceConfig) ? inputs.resourceConfig : {};
  const regions = Array.isArray(config.functionDefaultRegions) ? config.functionDefaultRegions : [];
  for (const [index, region] of regions.entries()) {
    await checkRegion(call, `resourceConfig.functionDefaultRegions[${index}]`, region);
  }
  if (inputs.serverlessFunctionRegion !== undefined && config.functionDefaultRegions !== undefined) {
    fail(
      "serverlessFunctionRegion",
      "Attribute resource_config.function_default_regions cannot be specified when serverless_function_region is specified",
    );
  }
  if (inputs.previewComments !== undefined && inputs.enablePreviewFeedback !== undefined) {
    fail("previewComments", "Attribute enable_preview_feedback cannot be specified when preview_comments is specified");
  }
  if (config.fluid === true && config.functionDefaultCpuType === "standard_legacy") {
    fail(
      "resourceConfig",
      "Error validating project fluid compute configuration: Fluid compute is only supported with the standard or performance CPU types.",
    );
  }
  const variables = Array.isArray(inputs.environments) ? inputs.environments : [];
  for (const [index, variable] of variables.entries()) {
    if (!isObject(variable)) continue;
    const path = `environments[${index}]`;
    if (variable.targets === undefined && variable.customEnvironmentIds === undefined) {
      fail(path, "At least one attribute out of [target,custom_environment_ids] must be specified");
    }
    await checkSensitivity(call, variable, `${path}.sensitive`, {
      targetsCustom: variable.customEnvironmentIds !== undefined,
      isNew: olds === undefined,
      teamId: inputs.teamId,
      what: "Project",
    });
  }
}

/** `Project`: POST, GET variables, PATCH (always, since undeclared protections are set to null), then hooks and branch. */
export const project = defineResource<VercelClient>({
  properties: projectProperties,
  check,

  async create({ client, inputs }) {
    const team = inputs.teamId;
    const detail = "Could not create project";
    let made = await explain(
      "Error creating project",
      detail,
      client.call<ApiProject>("/v8/projects", team, { method: "POST", body: createRequest(inputs) }),
    );
    const { id } = made;
    // From here on the project exists. When a later call fails, the real provider reports an error without a state, so
    // the engine never hears of the project, and the next run's POST is refused with 409. The stand-in does the same.
    const variables = await explain(
      "Error reading project environment variables",
      detail,
      listVariables(client, id, team),
    );
    const hooks = await createHooks(client, id, inputs);
    made = await explain(
      "Error updating project as part of creating project",
      "Could not update project",
      client.call<ApiProject>(`/v9/projects/${id}`, team, {
        method: "PATCH",
        body: updateRequest(inputs, inputs.name),
      }),
    );
    if (hooks.length > 0 && made.link) made = { ...made, link: { ...made.link, deployHooks: hooks } };
    const branch = (inputs.gitRepository as Props | undefined)?.productionBranch;
    if (branch !== undefined) {
      made = await explain(
        "Error creating project",
        "Failed to create project, an error occurred setting the production branch",
        setProductionBranch(client, id, team, branch),
      );
    }
    return { id, outputs: projectState(made, inputs, variables, client.teamId(team)) };
  },

  async read({ client, id, state, importing }) {
    const imported = importing ? splitId(id, 1, "project", '"team_id/project_id" or "project_id"') : undefined;
    const team = imported?.team ?? state.teamId;
    const found = await getProject(client, imported?.rest[0] ?? id, team);
    const variables = await listVariables(client, found.id, team);
    return { id: found.id, outputs: projectState(found, state, variables, client.teamId(team)) };
  },

  async update({ client, id, inputs, state, changed }) {
    const team = state.teamId;
    if (changed.has("environments")) await updateVariables(client, id, team, inputs, state);
    let now = await explain(
      "Error updating project",
      `Could not update project ${team ?? ""} ${id}`,
      client.call<ApiProject>(`/v9/projects/${id}`, team, { method: "PATCH", body: updateRequest(inputs, state.name) }),
    );
    now = (await linkRepository(client, id, inputs, state)) ?? now;
    if (await replaceHooks(client, id, inputs, state)) now = await getProject(client, id, team);
    const variables = await listVariables(client, id, team);
    return projectState(now, inputs, variables, client.teamId(team));
  },

  async delete({ client, id, state }) {
    await explain(
      "Error deleting project",
      `Could not delete project ${state.teamId ?? ""} ${id}`,
      client.call(`/v8/projects/${id}`, state.teamId, { method: "DELETE" }),
    );
  },
});

// A variable that changed in any part is deleted and created again.
async function updateVariables(
  client: VercelClient,
  id: string,
  team: unknown,
  inputs: Props,
  state: Props,
): Promise<void> {
  const before = (state.environments as Props[] | undefined) ?? [];
  const after = (inputs.environments as Props[] | undefined) ?? [];
  const key = (variable: Props): string =>
    JSON.stringify(
      toRequest({
        ...variable,
        targets: sorted(variable.targets),
        customEnvironmentIds: sorted(variable.customEnvironmentIds),
      }),
    );
  const keep = new Set(after.map(key));
  const had = new Set(before.map(key));
  for (const variable of before.filter((item) => !keep.has(key(item)))) {
    await explain(
      "Error updating project",
      `Could not remove environment variable ${variable.key} (${variable.id})`,
      client.call(`/v8/projects/${id}/env/${variable.id}`, team, { method: "DELETE" }),
    );
  }
  const missing = after.filter((item) => !had.has(key(item)));
  if (missing.length > 0) {
    await explain(
      "Error updating project",
      `Could not upsert environment variables for project ${id}`,
      createVariables(client, id, team, missing.map(toRequest)),
    );
  }
}

const sorted = (values: unknown): unknown => (Array.isArray(values) ? [...values].sort() : values);
