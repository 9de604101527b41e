import type { Props } from "../framework/index.ts";
import { boolean, defineResource, isNotFound, set, string } from "../framework/index.ts";
import type { VercelClient } from "./client.ts";
import { explain } from "./client.ts";
import type { ApiVariable } from "./environment.ts";
import { checkSensitivity, createVariables, TARGETS, targetsOf, toRequest } from "./environment.ts";
import { splitId } from "./ids.ts";
import { getProject } from "./project/index.ts";

function toState(variable: ApiVariable, planned: Props, projectId: unknown, team: string | undefined): Props {
  const sensitive = variable.type === "sensitive";
  return {
    key: variable.key,
    projectId,
    teamId: team ?? null,
    targets: [...targetsOf(variable)],
    customEnvironmentIds: [...(variable.customEnvironmentIds ?? [])],
    gitBranch: variable.gitBranch ?? null,
    sensitive,
    comment: variable.comment ?? "",
    // A sensitive value is never shown, and one given write-only is never kept.
    value: planned.value === undefined ? null : sensitive ? planned.value : (variable.value ?? null),
    valueWo: null,
  };
}

const valueIn = (inputs: Props): unknown => inputs.value || inputs.valueWo;

/** `ProjectEnvironmentVariable`: one variable of a project. Looks at the project first. */
export const projectEnvironmentVariable = defineResource<VercelClient>({
  properties: {
    key: string({ required: true, replaces: true }),
    projectId: string({ required: true, replaces: true }),
    sensitive: boolean({ required: true, replaces: true }),
    teamId: string({ computed: true, replaces: true }),
    value: string({ secret: true }),
    valueWo: string({ secret: true, writeOnly: true }),
    targets: set(string({ allowed: TARGETS }), { computed: true }),
    customEnvironmentIds: set(string(), { computed: true, replaces: true }),
    gitBranch: string(),
    comment: string({ computed: true, volatile: true }),
  },

  async check(call) {
    const { inputs, fail } = call;
    if ((inputs.value === undefined) === (inputs.valueWo === undefined)) {
      fail(
        "value",
        "Invalid Attribute Combination: Exactly one of these attributes must be configured: [value,value_wo]",
      );
    }
    if (inputs.targets === undefined && inputs.customEnvironmentIds === undefined) {
      fail(
        "targets",
        "Invalid Attribute Combination: At least one of these attributes must be configured: [custom_environment_ids,target]",
      );
    }
    await checkSensitivity(call, inputs, "sensitive", {
      targetsCustom: inputs.customEnvironmentIds !== undefined,
      isNew: call.olds === undefined,
      teamId: inputs.teamId,
      what: "Project Environment Variable",
    });
  },

  // Write-only values are not in the state: they are no difference by themselves.
  diff: ({ ignore }) => ignore("valueWo"),

  async create({ client, inputs }) {
    const { projectId, teamId } = inputs;
    const summary = "Error creating project environment variable";
    await getProject(client, String(projectId), teamId).catch((error: unknown) => {
      if (!isNotFound(error)) return explain(summary, "Error reading project information", Promise.reject(error));
      throw new Error(
        `${summary}: Could not find project, please make sure both the project_id and team_id match the project and team you wish to deploy to.`,
      );
    });
    const request = toRequest({ ...inputs, value: valueIn(inputs) });
    const creating = createVariables(client, String(projectId), teamId, [request]);
    const [made] = await explain(summary, "Could not create project environment variable", creating);
    if (made === undefined) throw new Error(`${summary}: the API said nothing about what it created`);
    const outputs = toState({ ...made, value: request.value as string }, inputs, projectId, client.teamId(teamId));
    return { id: made.id, outputs };
  },

  async read({ client, id, state, importing }) {
    const format = '"team_id/project_id/env_id" or "project_id/env_id"';
    const imported = importing ? splitId(id, 2, "project environment variable", format) : undefined;
    const team = imported?.team ?? state.teamId;
    const projectId = imported?.rest[0] ?? state.projectId;
    const envId = imported?.rest[1] ?? id;
    const found = await client.call<ApiVariable>(`/v10/projects/${projectId}/env/${envId}`, team, { method: "GET" });
    const planned = importing ? { value: found.type === "sensitive" ? undefined : found.value } : state;
    return { id: found.id, outputs: toState(found, planned, projectId, client.teamId(team)) };
  },

  async update({ client, id, inputs }) {
    const { projectId, teamId } = inputs;
    const { key: _key, ...body } = toRequest({ ...inputs, value: valueIn(inputs) });
    const now = await explain(
      "Error updating project environment variable",
      "Could not update project environment variable",
      client.call<ApiVariable>(`/v10/projects/${projectId}/env/${id}`, teamId, {
        method: "PATCH",
        body: { target: inputs.targets ?? [], ...body },
      }),
    );
    return toState({ ...now, value: body.value as string }, inputs, projectId, client.teamId(teamId));
  },

  async delete({ client, id, state }) {
    const call = client.call(`/v8/projects/${state.projectId}/env/${id}`, state.teamId, { method: "DELETE" });
    const detail = `Could not delete project environment variable ${id}`;
    await explain("Error deleting project environment variable", detail, call);
  },
});
