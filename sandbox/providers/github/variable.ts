import type { Properties, Props } from "../framework/index.ts";
import { defineResource, integer, isObject, string } from "../framework/index.ts";
import type { GithubClient } from "./client.ts";
import { joinId, splitId } from "./ids.ts";
import { goTime, insistently, replaceOnRepository, repositoryId, repositoryPath } from "./repository.ts";
import { checkName } from "./secret-name.ts";

const properties: Properties = {
  repository: string({ required: true }),
  environment: string({ required: true, replaces: true }),
  variableName: string({ required: true, replaces: true, validate: checkName }),
  value: string({ required: true }),
  repositoryId: integer({ output: true }),
  createdAt: string({ output: true }),
  updatedAt: string({ output: true }),
};

/** `github_actions_environment_variable` as of provider 6.13.0 (pulumi-github 6.15.0). */
export const environmentVariable = defineResource<GithubClient>({
  properties,
  diff: replaceOnRepository,
  async create({ client, inputs }) {
    const body = { name: inputs.variableName, value: inputs.value };
    await client.send("POST", variablesPath(client, inputs), body);
    const number = await repositoryId(client, inputs.repository);
    const id = joinId(String(inputs.repository), String(inputs.environment), String(inputs.variableName));
    const made = await client.get(variablePath(client, inputs)).catch(() => undefined);
    return { id, outputs: { repositoryId: number, ...times(made) } };
  },
  async read({ client, id, state, importing }) {
    const [repository, environment, variableName] = importing
      ? splitId(id, 3)
      : [state.repository, state.environment, state.variableName];
    const address = { repository, environment, variableName };
    const number = importing ? await repositoryId(client, repository) : state.repositoryId;
    const body = await client.get(variablePath(client, address));
    const value = isObject(body) ? body.value : undefined;
    return { id, outputs: { ...address, repositoryId: number, value, ...times(body) } };
  },
  async update({ client, inputs }) {
    const body = { name: inputs.variableName, value: inputs.value };
    await client.send("PATCH", variablePath(client, inputs), body);
    return times(await client.get(variablePath(client, inputs)).catch(() => undefined));
  },
  async delete({ client, state }) {
    await insistently(client.send("DELETE", variablePath(client, state)));
  },
});

function variablesPath(client: GithubClient, props: Props): string {
  const environment = encodeURIComponent(String(props.environment));
  return `${repositoryPath(client, props.repository)}/environments/${environment}/variables`;
}

function variablePath(client: GithubClient, props: Props): string {
  return `${variablesPath(client, props)}/${encodeURIComponent(String(props.variableName))}`;
}

function times(body: unknown): Props {
  return isObject(body) ? { createdAt: goTime(body.created_at), updatedAt: goTime(body.updated_at) } : {};
}
